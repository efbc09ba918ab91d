"""台账: the register of complaints and reports, and the imports that fill it."""
