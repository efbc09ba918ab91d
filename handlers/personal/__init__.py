"""Personal data: kept apart, masked, every look written down."""
