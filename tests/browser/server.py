"""The product as `banli run` starts it, on a port of its own over data of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

from handlers.time_source import SystemTime
from processes.engine.engine import Engine
from tests.support.bureau import Bureau
from webapp.config import Settings, read_settings
from webapp.engine import make_engine

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 40
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class Server:
    """Web and worker with the demo bureau. `log` is what they have said."""

    def __init__(self, folder: Path) -> None:
        own = {
            "BANLI_DEMO": "1",
            "BANLI_DEMO_LETTERS": "0",
            "BANLI_VAR": str(folder),
            "BANLI_PORT": str(_free_port()),
            "BANLI_LOGIN_LIMIT": "",  # all tests come from one address
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BANLI_")}
        self.settings: Settings = read_settings(own)
        self.log: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from webapp.cli.main import main; main(['run'])"],
            cwd=ROOT,
            env={**kept, **own, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.address = self._wait_until_ready()
        self._reader = threading.Thread(target=self._read_on, daemon=True)
        self._reader.start()

    def _wait_until_ready(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.log.append(line)
            if found := ADDRESS.search(line):
                return found[0]
        raise AssertionError("the server did not start:\n" + "".join(self.log))

    def _read_on(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.log.append(line)

    def stop(self) -> None:
        """End it as Ctrl-C would; it ends what it started."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._reader.join(STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Backstage(Bureau):
    """The same bureau from behind: cases are made ready by commands, so that a test can begin at its own scene."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__(settings.database_url)
        self.time = SystemTime()  # type: ignore[assignment]

    def new_engine(self) -> Engine:
        """An engine that seals with the installation's key."""
        return make_engine(self.database, SystemTime(), self._settings)
