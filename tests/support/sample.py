"""The procedure `sample` of the tests of the check, published and started; each test draws what it needs."""

from __future__ import annotations

from typing import Any

from processes.engine.cases.work import Result
from processes.engine.publishing.publish import Source
from tests.support.bureau import Bureau
from tests.unit.check.drawing import FORMS

ENTRY_VALUES: dict[str, Any] = {"subject": "标题", "amount": 1, "kind": "a", "urgent": False}
"""The entry form filled in."""


def publish_sample(bureau: Bureau, drawn: bytes) -> None:
    """Publish the diagram `sample` with its forms `sample` and `decide`."""
    forms = (Source("form", key, content) for key, content in FORMS.items())
    bureau.publish(Source("process", "sample", drawn), *forms)


def start_sample(bureau: Bureau) -> Result:
    """陈静 starts a case of it."""
    return bureau.engine.start(bureau.actor("chen.jing"), "sample", ENTRY_VALUES)
