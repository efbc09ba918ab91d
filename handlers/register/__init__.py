"""The register 台账: its entries and lists, duplicates, what imports bring."""
