"""What is kept of an import to be looked at: how the first rows were understood, and what was wrong with the bad ones.

Nothing personal is in it: the cases hold that, protected.
"""

from __future__ import annotations

from typing import Any, Final

from processes.importing.rows import BAD, REPORTED, Importer, Outcome
from processes.importing.translation import Answers

SHOWN: Final = (
    ("received_at", "收到时间"),
    ("channel", "渠道"),
    ("respondent_name", "被投诉举报人"),
    ("category", "业务类别"),
    ("goods", "商品或服务"),
)
TYPES: Final = (("wants_compensation", "投诉"), ("reports_violation", "举报"), ("asks_only", "咨询"))
VERDICTS: Final = {"added": "新件", "known": "已有", BAD: "有错"}


def report_of(importer: Importer, outcome: Outcome) -> dict[str, Any]:
    """`first`: rows as `line`, `number`, `verdict`, `reason` and `cells` (heading, text); `bad`: the first reasons."""
    return {
        "file": {"kind": importer.sheet.kind, "encoding": importer.sheet.encoding},
        "first": [
            {
                "line": line.number,
                "number": answers.number,
                "verdict": verdict if verdict in VERDICTS else BAD,
                "cells": _cells(importer, answers),
            }
            for line, answers, verdict in outcome.first
        ],
        "bad": [{"line": line.number, "reason": reason} for line, reason in outcome.bad[:REPORTED]],
    }


def _cells(importer: Importer, answers: Answers) -> list[list[str]]:
    kinds = "、".join(word for box, word in TYPES if answers.typed.get(box))
    shown = [[label, importer.translator.shown(answers, key)[:60]] for key, label in SHOWN]
    return [["类型", kinds or "—"], *([label, text or "—"] for label, text in shown)]
