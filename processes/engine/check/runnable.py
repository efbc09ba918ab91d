"""The last word: every procedure that people can start is compiled as it would be for a case."""

from __future__ import annotations

from collections.abc import Iterator

from processes.engine.check.bundle import Bundle
from processes.engine.check.finding import Finding
from processes.engine.errors import CompileError
from processes.engine.kernel.compile import compile_release
from processes.engine.kernel.release import Parts


def check(bundle: Bundle) -> Iterator[Finding]:
    """What the compiler refuses although every rule holds."""
    parts = Parts(
        processes={key: diagram.data for key, diagram in bundle.diagrams.items()},
        tables={key: bundle.sources[path] for key, (path, _) in bundle.tables.items()},
        forms=frozenset(bundle.forms or {}),
    )
    for key, diagram in bundle.diagrams.items():
        try:
            compile_release(key, parts)
        except CompileError as error:
            yield diagram.error(None, "compile", f"流程无法运行：{error}")
