"""The application as a web server wants it: `gunicorn -c python:webapp.gunicorn_config webapp.wsgi:app`."""

from __future__ import annotations

import os

from webapp.app import create_app
from webapp.config import read_settings

app = create_app(read_settings(os.environ))
