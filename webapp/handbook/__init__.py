"""帮助, the handbook: Chinese chapters in Markdown, a page each, searchable, linked from every page."""
