"""What an installation runs beside the web: set-up, worker, supervisor, backup."""
