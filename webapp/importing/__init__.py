"""From an exported register to cases: read the file, translate its rows, check them by the form, start the cases."""
