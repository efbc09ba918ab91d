"""An ODR application as the tests of timers need it: waiting for the company's supplement."""

from __future__ import annotations

from typing import Any

from tests.support.bureau import Bureau

APPLICATION: dict[str, Any] = {
    "application_source": "apply",
    "applied_on": "2026-03-02",
    "company_name": "滨海示范百货有限公司",
    "credit_code": "91120116MA05DEM012",
    "company_address": "滨海新区示范路1号",
    "industry": "retail",
    "legal_person": "王示范",
    "contact_person": "李示范",
    "contact_phone": "13800000000",
    "contact_email": "demo@example.com",
    "place_declared": "yes",
    "computer_declared": "yes",
    "staff_count": 2,
    "complaint_phone": "022-60000000",
    "application_file": [],
    "commitment_file": [],
    "licence_file": [],
    "rules_file": [],
    "other_files": [],
}
CONDITIONS = ("place_met", "staff_met", "computer_met", "phone_met", "rules_met", "commitment_met")
REVIEW: dict[str, Any] = dict.fromkeys(CONDITIONS, "yes") | {
    "abnormal_listed": "no",
    "correction_items": "",
    "review_note": "",
}


def waiting_for_correction(bureau: Bureau) -> int:
    """An application whose company has five working days to send what is missing; its case id."""
    chen = bureau.actor("chen.jing")
    case = bureau.engine.start(chen, "odr_application", APPLICATION).instance_id
    bureau.engine.complete(chen, bureau.open_task(case).id, REVIEW | {"rules_met": "no", "correction_items": "缺制度"})
    notice = {"correction_notified_on": "2026-03-02", "correction_notify_way": "phone", "correction_demand": "补制度"}
    bureau.engine.complete(chen, bureau.open_task(case).id, notice)
    return case
