"""What recurs over many cases: each in a transaction of its own, and none that fails stops the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

log = logging.getLogger(__name__)
Done = TypeVar("Done")


def for_each_case(what: str, instance_ids: Iterable[int], run: Callable[[int], Done]) -> list[Done]:
    """`run` each case; what came of those that went well. One that failed is met again at the next sweep.

    `run` locks the case and looks again, so any number of workers may sweep at once.
    """
    done = []
    for instance_id in instance_ids:
        try:
            done.append(run(instance_id))
        except Exception:  # one broken case must not keep all others from their turn
            log.exception("%s of case %s failed", what, instance_id)
    return done
