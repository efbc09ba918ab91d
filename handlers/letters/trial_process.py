"""The process that tries out templates: one question a line, one answer a line, each worked out in a bounded child."""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any

import orjson

from handlers.letters.samples import Occasion
from handlers.letters.trial import try_out

IDLE_SECONDS = 300
SLOWEST = 6
"""How many times its own time a template may take by the clock on the wall."""


def main() -> None:
    """Answer until nobody asks any more: the end of the input, or five minutes of silence."""
    while True:
        signal.alarm(IDLE_SECONDS)
        line = sys.stdin.buffer.readline()
        signal.alarm(0)
        if not line:
            return
        sys.stdout.buffer.write(_within_bounds(orjson.loads(line)) + b"\n")
        sys.stdout.buffer.flush()


def _within_bounds(question: Mapping[str, Any]) -> bytes:
    seconds = int(question["seconds"])
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _answer(question, writing)
    os.close(writing)
    # The limit is on its own time: a machine that has much to do makes no template worse.
    answer, in_time = _read(reading, time.monotonic() + seconds * SLOWEST)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not in_time or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        return _refusal(f"文书模板 {seconds} 秒还没有填完，多半是循环太多，请减少循环")
    return answer or _refusal("文书模板填写时占用的内存太多，请减少循环和重复的内容")


def _read(reading: int, deadline: float) -> tuple[bytes, bool]:
    """What the child wrote, and whether it ended in time."""
    chunks: list[bytes] = []
    try:
        while (left := deadline - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
            chunk = os.read(reading, 65_536)
            if not chunk:
                return b"".join(chunks), True
            chunks.append(chunk)
        return b"", False
    finally:
        os.close(reading)


def _answer(question: Mapping[str, Any], writing: int) -> None:
    """In the child: never returns. Without memory it says nothing, which is an answer too."""
    try:
        seconds, memory = int(question["seconds"]), int(question["memory_bytes"])
        begun = int(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (begun + seconds, begun + seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        occasions = [
            Occasion(**{**occasion, "fixed": frozenset(occasion["fixed"])}) for occasion in question["occasions"]
        ]
        tried = try_out(bytes.fromhex(question["content"]), occasions, question["bureaus"])
        keys = None if tried.keys is None else sorted(tried.keys)
        _write(writing, orjson.dumps({"problems": tried.problems, "notices": tried.notices, "keys": keys}))
    except MemoryError:
        pass
    except Exception as error:  # noqa: BLE001 - the child must not go on as if it were the parent; what broke is for the log
        traceback.print_exc()
        _write(
            writing,
            _refusal(f"文书模板无法检查（{type(error).__name__}），请在 Word 里另存一次；仍然不行的，请联系管理员"),
        )
    finally:
        os._exit(0)


def _write(writing: int, answer: bytes) -> None:
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(answer)


def _refusal(sentence: str) -> bytes:
    return orjson.dumps({"problems": [sentence], "notices": [], "keys": None})


if __name__ == "__main__":
    main()
