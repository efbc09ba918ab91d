"""The history of the tables, one file per step. A step that has shipped is never changed."""
