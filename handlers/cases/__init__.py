"""Cases as they stand: who may see them, the inbox, drafts, links and the messages between them."""
