"""Filled-in forms, made anew for each test: as the engine takes them, and as a browser posts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.demo.stories import APPLICANT

Answers = dict[str, Any]
TRAINING = "12315平台操作培训"
COMPANY = "滨海示范百货有限公司"
CONDITIONS = ("place_met", "staff_met", "computer_met", "phone_met", "rules_met", "commitment_met")
"""What the review of an ODR application answers with yes or no."""
_MINUTES = len("2026-03-20T09:00")


def training_plan(**changes: Any) -> Answers:
    """A training plan, as the form's `values()` gives it."""
    return {
        "training_name": TRAINING,
        "training_kind": "training",
        "organiser": "centre",
        "purpose": "熟悉全国12315平台新版操作",
        "plan_basis": "年度培训计划",
        "audience": "各市场监督管理所投诉举报岗位人员",
        "people_count": 40,
        "start_at": "2026-03-20T09:00:00+08:00",
        "end_at": "2026-03-20T17:00:00+08:00",
        "place": "局三楼会议室",
        "teachers": "信息科技术人员",
        "courses": [
            {"course_at": "2026-03-20T09:00:00+08:00", "course_content": "平台登记与分派", "course_teacher": "赵磊"},
        ],
        "budget": None,
        "budget_source": None,
        "security": "不使用真实投诉人信息",
        "person_in_charge": 1,
        "plan_files": [],
    } | changes


def odr_application(**changes: Any) -> Answers:
    """A company's application to handle its disputes online by itself."""
    return {
        "application_source": "apply",
        "applied_on": "2026-03-02",
        "company_name": COMPANY,
        "credit_code": "91120116MA05DEM012",
        "company_address": "滨海新区示范路1号",
        **APPLICANT,
        "complaint_phone": "022-60000000",
        "application_file": [],
        "commitment_file": [],
        "licence_file": [],
        "rules_file": [],
        "other_files": [],
    } | changes


def odr_review(**changes: Any) -> Answers:
    """Its review, with every condition met."""
    met = dict.fromkeys(CONDITIONS, "yes")
    return met | {"abnormal_listed": "no", "correction_items": "", "review_note": ""} | changes


def odr_correction_notice(**changes: Any) -> Answers:
    """The company is told what is missing."""
    return {
        "correction_notified_on": "2026-03-02",
        "correction_notify_way": "phone",
        "correction_demand": "补制度",
    } | changes


def posted(answers: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """The same as a browser posts it: everything is text, moments end with the minute, rows of a table are numbered."""
    texts: dict[str, str] = {}
    for key, value in answers.items():
        if isinstance(value, list):
            for number, row in enumerate(value):
                texts |= posted(row, f"{prefix}{key}-{number}-")
        elif value is not None:
            texts[prefix + key] = str(value)[:_MINUTES] if key.endswith("_at") else str(value)
    return texts


def plan_form(**changes: Any) -> Answers:
    """A training plan as a browser posts it."""
    return posted(training_plan()) | changes
