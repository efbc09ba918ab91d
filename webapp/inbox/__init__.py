"""待办: the inbox, and the page of one task."""
