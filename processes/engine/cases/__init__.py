"""One case under a command: its row, tasks, limits, history, and the live instance kept in memory."""
