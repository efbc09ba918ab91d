"""How gunicorn runs the application. Options on its command line and in GUNICORN_CMD_ARGS come before these."""

from __future__ import annotations

import threading
from typing import Any

from handlers.jobs import queue

worker_class = "gthread"
workers = 2
threads = 8
preload_app = True
timeout = 60
graceful_timeout = 10
loglevel = "warning"
control_socket_disable = True
umask = 0o077


def post_fork(_server: Any, _worker: Any) -> None:
    """Give each process its own connections, and import the heavy parts before the first person needs them."""
    from webapp.wsgi import app

    services = app.extensions["banli"]
    services.database.after_fork()
    threading.Thread(target=_warm_up, args=(services,), name="warm-up", daemon=True).start()


def _warm_up(services: Any) -> None:
    _ = services.engine
    queue.warm_up(services.database.engine.dialect.name)
