"""Letters: numbers, what goes into one, the Word template, how it reached whom."""
