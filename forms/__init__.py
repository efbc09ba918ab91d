"""Form files, letter templates, and what turns a form file into a WTForms class."""
