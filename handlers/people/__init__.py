"""People: accounts, roles, substitutes, the bureau's profile, who may do what."""
