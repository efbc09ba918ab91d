"""Starts web and worker as one program: what `banli run` and `banli serve` do after setting up.

Installations with systemd or containers do not need it: they run gunicorn and `banli worker` themselves.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import click

from handlers.people.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from handlers.people.profiles import load_profile
from webapp.config import Settings

PORTS_TO_TRY = 50
LOOK_SECONDS = 0.2
STOP_SECONDS = 20.0
READY_SECONDS = 60.0
LONG_LIFE_SECONDS = 60.0
MAX_PAUSE_SECONDS = 30.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


class NoPortFree(Exception):
    """No free port was found; the text is a sentence for the administrator."""


@dataclass
class Child:
    """A program that is kept running. After each early death it waits twice as long before the next start."""

    name: str
    command: Sequence[str]
    files: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    pause: float = field(default=0.5, repr=False)
    started_at: float = 0.0
    start_at: float = 0.0

    def look(self, say: Say) -> None:
        """Start it, if it is not running and its time has come."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.pause = 1.0 if now - self.started_at > LONG_LIFE_SECONDS else min(self.pause * 2, MAX_PAUSE_SECONDS)
            say(f"{self.name} 意外结束（{self.process.returncode}），{self.pause:g} 秒后重新启动。 ended, restarting")
            self.process, self.start_at = None, now + self.pause
        if self.process is None and now >= self.start_at:
            # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the others in order.
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                self.command, pass_fds=self.files, start_new_session=True, preexec_fn=_end_with_parent
            )
            self.started_at = now

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait_for_end(self, until: float) -> None:
        """Wait, then kill it with everything it started."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def serve(settings: Settings, say: Say = click.echo) -> int:
    """Run web and worker until Ctrl-C or SIGTERM; the exit code. Whatever was started has ended when this returns."""
    try:
        listening = open_port(settings.host, settings.port)
    except NoPortFree as error:
        say(str(error))
        return 1
    with listening, _stop_on_signal() as stop:
        children = _children(listening.fileno())
        try:
            return _keep_running(children, listening, settings, stop, say)
        finally:
            _end(children)


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket on `port` or the next free one. Raises NoPortFree.

    Opened here and handed down: looking for a free port and opening it later would leave time for somebody else.
    """
    for candidate in range(port, port + PORTS_TO_TRY):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate))
            listening.listen(128)
        except OSError:
            listening.close()
        else:
            return listening
    raise NoPortFree(f"{host} 的端口 {port} 到 {port + PORTS_TO_TRY - 1} 都不能用。请用 BANLI_PORT 另选一个端口。")


def _children(descriptor: int) -> list[Child]:
    web = [sys.executable, "-m", "gunicorn", "-c", "python:webapp.gunicorn_config", "-b", f"fd://{descriptor}"]
    return [
        Child("网页 web", [*web, "webapp.wsgi:app"], files=(descriptor,)),
        Child("后台 worker", [sys.executable, "-m", "webapp.operations.worker"]),
    ]


def _keep_running(
    children: Sequence[Child], listening: socket.socket, settings: Settings, stop: threading.Event, say: Say
) -> int:
    web, ready, give_up_at = children[0], False, time.monotonic() + READY_SECONDS
    make = _Make()
    while not stop.wait(LOOK_SECONDS) and not make.is_ending():
        for child in children:
            child.look(say)
        if ready:
            continue
        if web.process is None or time.monotonic() > give_up_at:
            say("网页没有启动成功，原因见上。 The web server did not start; the reason is above.")
            return 1
        if _answers(listening):
            ready = True
            _announce(listening, settings, say)
    say("正在停止…… stopping")
    return 0


def _answers(listening: socket.socket) -> bool:
    connection = HTTPConnection(*_reachable(listening), timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _reachable(listening: socket.socket) -> tuple[str, int]:
    host, port = listening.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104


def _announce(listening: socket.socket, settings: Settings, say: Say) -> None:
    host, port = _reachable(listening)
    say(f"\n办理 Banli: http://{f'[{host}]' if ':' in host else host}:{port}")
    if settings.demo:
        say(f"演示人员（密码都是 {DEMO_PASSWORD}） demo people, one password:")
        profile = load_profile(settings.profile)
        for username, name, grants in DEMO_PEOPLE:
            labels = dict.fromkeys(profile.role_name(role) for role, _ in grants)  # once each, however many departments
            say(f"  {username:<15}{name}（{'、'.join(labels)}）")
    say("停止：Ctrl-C。 Stop with Ctrl-C.")


def _end(children: Sequence[Child]) -> None:
    for child in children:
        child.ask_to_end()
    until = time.monotonic() + STOP_SECONDS
    for child in children:
        child.wait_for_end(until)


class _Make:
    """The make that started us. It stops in ways that do not reach us, and then we stop, too.

    GNU make that is asked to end by a signal to itself alone (not Ctrl-C, which the whole terminal gets) first waits
    for what it started, without telling it. From outside one sees only that it does not catch the signal any more.
    """

    def __init__(self) -> None:
        parent = os.getppid()
        self._number = parent if _read(f"/proc/{parent}/comm").strip() in ("make", "gmake") else 0
        self._caught = self._catches()

    def is_ending(self) -> bool:
        """Whether it is gone, or waits for us to end."""
        return self._number > 0 and (os.getppid() != self._number or self._catches() != self._caught)

    def _catches(self) -> str:
        status = _read(f"/proc/{self._number}/status").splitlines()
        return next((line for line in status if line.startswith("SigCgt:")), "")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended, or this is no Linux
        return ""


@contextmanager
def _stop_on_signal() -> Iterator[threading.Event]:
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in _STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_with_parent() -> None:
    # Killed outright, this process could not end its children; Linux does it then.
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
