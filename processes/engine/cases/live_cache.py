"""Live cases kept in memory between commands, so that a hot case is neither decoded nor rebuilt."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from processes.engine.kernel.live import LiveInstance


class LiveCache:
    """A bounded LRU of live instances, each valid for exactly one version of its row.

    A command takes an instance out, works on it, and puts it back only after its commit: an instance that a failed
    command has touched is never seen again, and no two threads hold the same one. Other processes raise the version,
    which makes what is kept here stale without any message between processes.
    """

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._lock = Lock()
        self._kept: OrderedDict[int, tuple[int, LiveInstance]] = OrderedDict()

    def take(self, instance_id: int, version: int) -> LiveInstance | None:
        """The instance as it was at `version`, or None. It is the caller's alone now."""
        with self._lock:
            kept = self._kept.pop(instance_id, None)
        return kept[1] if kept and kept[0] == version else None

    def put(self, instance_id: int, version: int, live: LiveInstance) -> None:
        """Keep a committed instance, and drop the one unused longest if there are too many."""
        with self._lock:
            self._kept[instance_id] = (version, live)
            self._kept.move_to_end(instance_id)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
