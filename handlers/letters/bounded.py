"""Templates tried out within bounds: a file of an owner can neither hold up nor fill up the program that checks it.

One process of its own is kept at hand, for it takes half a second to begin; each template is tried in a child of that
one, with a limit on time and memory. What was found is kept by content and by what the template looks at.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from handlers.letters.samples import Occasion

SECONDS = 20
"""Of its own time."""
MEMORY_BYTES = 1024 * 1024 * 1024
_MOST_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class TemplateFaults:
    """What is wrong with a template, and what is only to be pointed out: sentences for its owner."""

    problems: tuple[str, ...]
    notices: tuple[str, ...]


class Trials:
    """Tries templates, one at a time. `seconds` and `memory_bytes` bound each of them."""

    def __init__(self, seconds: int = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._bounds = {"seconds": seconds, "memory_bytes": memory_bytes}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._keys: dict[str, frozenset[str] | None] = {}
        self._tried: dict[tuple[str, str], TemplateFaults] = {}
        atexit.register(self.close)

    def try_out(
        self, content: bytes, occasions: Sequence[Occasion], bureaus: Sequence[Mapping[str, Any]]
    ) -> TemplateFaults:
        """Whether every occasion and bureau can fill in the template `content`, looked at once per content."""
        sha256 = hashlib.sha256(content).hexdigest()
        with self._lock:
            if sha256 in self._keys:
                known = self._tried.get((sha256, _digest(occasions, bureaus, self._keys[sha256])))
                if known is not None:
                    return known
            answer = self._ask(content, occasions, bureaus)
            keys = None if answer["keys"] is None else frozenset(answer["keys"])
            tried = TemplateFaults(tuple(answer["problems"]), tuple(answer["notices"]))
            if len(self._tried) >= _MOST_KEPT:
                self._tried.clear()
                self._keys.clear()
            self._keys[sha256] = keys
            self._tried[sha256, _digest(occasions, bureaus, keys)] = tried
            return tried

    def close(self) -> None:
        """End the process that is kept at hand."""
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _ask(
        self, content: bytes, occasions: Sequence[Occasion], bureaus: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        question = {"content": content.hex(), "occasions": _plain(occasions), "bureaus": bureaus, **self._bounds}
        line = orjson.dumps(question, option=orjson.OPT_SORT_KEYS) + b"\n"
        for _ in range(2):  # the process ends when nobody asks for a while: then a new one is asked
            answer = self._exchange(line)
            if answer:
                return dict(orjson.loads(answer))
        raise RuntimeError("the process that tries out letters does not start")

    def _exchange(self, line: bytes) -> bytes:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes to the process that tries out letters")
        try:
            process.stdin.write(line)
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = b""
        if not answer:
            self.close()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid():
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "handlers.letters.trial_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        return self._process


def _plain(occasions: Sequence[Occasion]) -> list[dict[str, Any]]:
    return [{**asdict(occasion), "fixed": sorted(occasion.fixed)} for occasion in occasions]


def _digest(occasions: Sequence[Occasion], bureaus: Sequence[Mapping[str, Any]], keys: frozenset[str] | None) -> str:
    """Equal where a template that looks at `keys` only cannot tell the difference."""
    seen = occasions if keys is None else [occasion.narrowed(keys) for occasion in occasions]
    return hashlib.sha256(orjson.dumps([_plain(seen), bureaus], option=orjson.OPT_SORT_KEYS)).hexdigest()


TRIALS = Trials()
"""The trials of this program; what they found is found once."""
