"""The shipped application for gunicorn, with the services that the benchmark diagram calls."""

from __future__ import annotations

import tests.bench.procedure  # noqa: F401 - registers them
from webapp.wsgi import app

__all__ = ["app"]
