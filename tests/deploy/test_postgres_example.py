"""The handbook's example of many machines, run as it stands: two web and two worker processes on one PostgreSQL."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.bench.visitor import Answer, Visitor, token_of
from tests.support.answers import plan_form

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("postgres_example.sh")
PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.05
AGREE = {"decision": "agree", "comment": "同意。"}
PASSWORD = re.compile(r"^(\S+) 的密码 password: (\S+)$", re.MULTILINE)


class Machine:
    """One part of the example, in a process group of its own."""

    def __init__(self, part: str, environment: dict[str, str], output: Path, port: int = 0) -> None:
        self.output, self.port = output, port
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                ["sh", str(SCRIPT), part], cwd=ROOT, env=environment | {"PORT": str(port)},
                stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def answers(self) -> bool:
        with suppress(OSError, HTTPException), urlopen(f"http://127.0.0.1:{self.port}/health", timeout=10) as answer:
            return bool(answer.status == 200)
        return False

    def die(self) -> None:
        """Lose power: everything that the command started, at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As a system that shuts down would: SIGTERM to the command; the exit code."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(30)
        self.die()
        return -signal.SIGKILL


class Site:
    """The installation of the example: its settings, its machines, and the people's passwords."""

    def __init__(self, url: str, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "BANLI_DATABASE_URL": url,
            "BANLI_SECRET_KEY": "the sessions' key of the example, for tests only",
            "BANLI_AUDIT_KEY": "the history's key of the example, for tests only",
            "BANLI_FILES": str(folder / "shared"),
            "BANLI_VAR": str(folder / "var"),
            "BANLI_DEMO": "0",
            "GUNICORN_CMD_ARGS": "--workers=1",  # two machines, not four processes: this is about machines
        }
        self.passwords: dict[str, str] = {}

    def run(self, part: str) -> str:
        """Run a part that ends; what it printed."""
        return self._call(["sh", str(SCRIPT), part])

    def banli(self, *arguments: str) -> str:
        """Run a subcommand; what it printed."""
        return self._call([sys.executable, "-c", "from webapp.cli.main import main; main()", *arguments])

    def _call(self, command: list[str]) -> str:
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, part: str, name: str) -> Machine:
        """Start a part that keeps running; it has ended when the test has."""
        port = _free_port() if part == "web" else 0
        machine = Machine(part, self.environment, self.folder / f"{name}.txt", port)
        self.stack.callback(machine.stop)
        return machine

    def browser(self, username: str, machine: Machine) -> Browser:
        return Browser(username, self.passwords[username], machine)


class Browser:
    """A person's browser. It keeps its cookies when it is sent to another machine."""

    def __init__(self, username: str, password: str, machine: Machine) -> None:
        self.machine, self.cookies = machine, dict[str, str]()
        self.token = token_of(self.get("/login"))
        assert self.post("/login", {"username": username, "password": password}).status == 302
        self.token = token_of(self.get("/no-such-page"))

    def move_to(self, machine: Machine) -> None:
        """Go on at another web machine, as a load balancer would have it."""
        self.machine = machine

    def get(self, address: str) -> Answer:
        return self._ask(lambda visitor: visitor.get(address))

    def post(self, address: str, fields: Mapping[str, object]) -> Answer:
        return self._ask(lambda visitor: visitor.post(address, self.token, fields))

    def _ask(self, question: Callable[[Visitor], Answer]) -> Answer:
        # A connection for each request: the server hangs up on idle ones, and between two steps a test may wait.
        visitor = Visitor("127.0.0.1", self.machine.port)
        visitor.cookies = self.cookies
        try:
            return question(visitor)
        finally:
            visitor.close()

    def start(self, form: dict[str, object]) -> int:
        """Start a training plan; the case's id."""
        answer = self.post("/cases/new/training", form)
        assert answer.status == 302, answer.body
        page = self.get(answer.location).body
        found = re.search(r'href="/cases/(\d+)', page)
        assert found is not None, page
        return int(found[1])

    def agree(self) -> None:
        """Open the first task that may be done or claimed, and agree to it."""
        lists = "".join(self.get(f"/inbox?tab={tab}").body for tab in ("mine", "pool"))
        found = re.search(r'href="/tasks/(\d+)"', lists)
        assert found is not None, lists
        answer = self.post(f"/tasks/{found[1]}/complete", AGREE)
        assert answer.status == 302, answer.body

    def letter(self, case: int) -> bytes:
        """The case's letter; empty while it is not made."""
        found = re.search(r'href="(/letters/\d+)"', self.get(f"/cases/{case}").body)
        if found is None:
            return b""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = f"http://127.0.0.1:{self.machine.port}{found[1]}"
        with urlopen(Request(address, headers={"Cookie": cookies}), timeout=60) as answer:
            return bytes(answer.read())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(LOOK_SECONDS)


@contextmanager
def site(url: str, folder: Path) -> Iterator[Site]:
    """The installation, set up as the example does; all its processes end with the block."""
    with ExitStack() as stack:
        installed = Site(url, folder, stack)
        installed.run("once")
        installed.passwords = dict(PASSWORD.findall(installed.run("people")))
        yield installed


def plan(name: str) -> dict[str, object]:
    return plan_form(training_name=name, person_in_charge="2")


@pytest.mark.slow
def test_two_web_and_two_worker_machines_share_the_work_and_outlive_the_death_of_one_each(
    new_postgres_url: str, tmp_path: Path
) -> None:
    with site(new_postgres_url, tmp_path) as installed:
        web_a, web_b = installed.start("web", "web-a"), installed.start("web", "web-b")
        workers = [installed.start("worker", name) for name in ("worker-a", "worker-b")]
        wait_until(lambda: web_a.answers() and web_b.answers(), "the web machines")
        wait_until(lambda: all("is ready" in worker.said() for worker in workers), "the workers")

        clerk = installed.browser("chen.jing", web_a)
        office, leader = installed.browser("wang.jianguo", web_b), installed.browser("li.guoqiang", web_a)
        first = clerk.start(plan("两台网页服务器上办理的培训"))
        office.agree()
        leader.agree()
        wait_until(lambda: clerk.letter(first), "the letter")
        letter = clerk.letter(first)
        assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(letter)).namelist()
        clerk.move_to(web_b)
        assert clerk.letter(first) == letter

        web_a.die()
        workers[0].die()
        leader.move_to(web_b)
        second = clerk.start(plan("一台网页、一台后台断电之后办理的培训"))
        office.agree()
        leader.agree()
        wait_until(lambda: clerk.letter(second), "the letter of the worker that lives")

        assert "全部办理记录完好" in installed.banli("audit", "verify")
        assert [web_b.stop(), workers[1].stop()] == [0, 0]
        assert "Traceback" not in web_b.said() + workers[1].said()
