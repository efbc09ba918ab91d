"""An ODR application as the tests of timers need it: waiting for the company's supplement."""

from __future__ import annotations

from tests.support.answers import odr_application, odr_correction_notice, odr_review
from tests.support.bureau import Bureau


def waiting_for_correction(bureau: Bureau) -> int:
    """An application whose company has five working days to send what is missing; its case id."""
    chen = bureau.actor("chen.jing")
    case = bureau.engine.start(chen, "odr_application", odr_application()).instance_id
    bureau.engine.complete(chen, bureau.open_task(case).id, odr_review(rules_met="no", correction_items="缺制度"))
    bureau.engine.complete(chen, bureau.open_task(case).id, odr_correction_notice())
    return case
