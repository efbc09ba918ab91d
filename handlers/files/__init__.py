"""Files that people hand in or take out: kinds, the store, tables and texts read and written."""
