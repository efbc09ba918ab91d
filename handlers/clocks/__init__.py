"""Legal clocks: the calendar of working days, counting, explaining, the table of limits."""
