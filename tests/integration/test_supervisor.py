"""`banli serve`: one program to the person who starts it, and nothing left when it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from handlers.jobs import queue
from handlers.people.profiles import install_profile, load_profile
from handlers.store import schema
from handlers.store.database import Database
from webapp.operations.supervisor import NoPortFree, open_port

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 90


SERVE = (sys.executable, "-c", "from webapp.cli.main import main; main()", "serve")


class Serving:
    """`banli serve` in a process of its own, or in what `command` starts."""

    def __init__(self, var: Path, port: int, command: Sequence[str] = SERVE) -> None:
        own = {"BANLI_DEMO": "1", "BANLI_DEMO_LETTERS": "0", "BANLI_VAR": str(var), "BANLI_PORT": str(port)}
        environment = os.environ | own
        self.output = var / "output.txt"
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                # A shell starts what runs in its background with Ctrl-C ignored, and children inherit that.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        self.family = psutil.Process(self.process.pid)

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self.said()}"
            time.sleep(0.05)

    def wait_for(self, words: str) -> None:
        self.wait_until(lambda: words in self.said() or self.process.poll() is not None, words)
        assert words in self.said()

    def everyone(self) -> list[psutil.Process]:
        return [*self.family.children(recursive=True), self.family]


@pytest.fixture
def var(migrated_sqlite: Path, tmp_path: Path) -> Path:
    (tmp_path / "banli.sqlite").write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'banli.sqlite'}")
    schema.upgrade(database)
    queue.prepare(database)
    with database.write() as connection:
        install_profile(connection, load_profile("binhai"))
    database.close()
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture
def serving(var: Path, taken_port: int) -> Iterator[Serving]:
    serving = Serving(var, taken_port)
    everyone = []
    try:
        serving.wait_for("http://")
        everyone = serving.everyone()
        yield serving
    finally:
        for process in everyone:
            if process.is_running():
                process.kill()
        serving.process.kill()
        serving.process.wait()


def test_it_takes_the_next_free_port_and_ctrl_c_leaves_nothing_behind(serving: Serving, taken_port: int) -> None:
    address = next(word for word in serving.said().split() if word.startswith("http://"))
    assert int(address.rpartition(":")[2]) > taken_port
    with urlopen(f"{address}/health", timeout=10) as answer:  # noqa: S310
        assert answer.status == 200
    assert "chen.jing" in serving.said()
    serving.wait_for("is ready")
    serving.wait_until(lambda: len(serving.everyone()) >= 5, "itself, gunicorn, its two processes, the worker")
    everyone = serving.everyone()
    serving.process.send_signal(signal.SIGINT)
    assert serving.process.wait(PATIENCE_SECONDS) == 0
    # Waited for: a grandchild that has ended stays a zombie until init, which adopts it, has reaped it.
    serving.wait_until(lambda: not any(process.is_running() for process in everyone), "the end of all")


def test_a_child_that_dies_is_started_again_and_sigterm_ends_all(serving: Serving) -> None:
    serving.wait_for("is ready")
    (worker,) = (
        child for child in serving.family.children() if "webapp.operations.worker" in " ".join(child.cmdline())
    )
    worker.kill()
    serving.wait_until(lambda: serving.said().count("is ready") == 2, "the worker's second start")
    everyone = serving.everyone()
    serving.process.terminate()
    assert serving.process.wait(PATIENCE_SECONDS) == 0
    # Waited for: a grandchild that has ended stays a zombie until init, which adopts it, has reaped it.
    serving.wait_until(lambda: not any(process.is_running() for process in everyone), "the end of all")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell children of their parent's death")
def test_killed_outright_it_leaves_nothing_either(serving: Serving) -> None:
    serving.wait_for("is ready")
    everyone = serving.everyone()
    serving.process.kill()
    serving.process.wait()
    serving.wait_until(lambda: not any(process.is_running() for process in everyone), "the children's end")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not show what make does with signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.slow
def test_make_that_gets_a_signal_alone_takes_everything_with_it(
    var: Path, taken_port: int, number: signal.Signals
) -> None:
    recipe = "run:\n\t@exec {} -c '{}' {}\n".format(*(SERVE[index] for index in (0, 2, 3)))
    (var / "Makefile").write_text(recipe, encoding="utf-8")
    made = Serving(var, taken_port, ("make", "-f", str(var / "Makefile"), "run"))
    everyone = made.everyone()
    try:
        made.wait_for("http://")
        everyone = made.everyone()
        assert len(everyone) >= 5
        made.process.send_signal(number)
        made.process.wait(PATIENCE_SECONDS)
        made.wait_until(lambda: not any(process.is_running() for process in everyone), "the end of all")
    finally:
        for process in everyone:
            with suppress(psutil.Error):
                process.kill()
        made.process.wait()


def test_make_run_hands_its_place_to_banli_so_that_signals_reach_it() -> None:
    made = subprocess.run(["make", "--dry-run", "run"], cwd=ROOT, capture_output=True, text=True, check=True)
    (recipe,) = (line for line in made.stdout.splitlines() if line.endswith("/banli run"))
    assert recipe.startswith("exec env BANLI_DEMO=")


def test_no_free_port_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, taken_port: int) -> None:
    monkeypatch.setattr("webapp.operations.supervisor.PORTS_TO_TRY", 1)
    with pytest.raises(NoPortFree, match="BANLI_PORT"):
        open_port("127.0.0.1", taken_port)
