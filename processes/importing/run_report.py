"""What is kept of an import to be looked at: the headings, the first rows and cases, the known rows and the bad ones.

Nothing personal is in it: the cases hold that, protected.
"""

from __future__ import annotations

from typing import Any, Final

from handlers.files.reading_tables import SheetRow
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
    """Parts of the report.

    `told`: sentences on headings and sheets. `first`: rows as `line`, `number`, `verdict` and `cells` (heading, text).
    `cases`: the first new cases as `line`, `number` and `answers` (label, text, mark). `known`: rows with the `case`
    that has them; `bad`: rows with their `reason`.
    """
    return {
        "file": {"kind": importer.sheet.kind, "encoding": importer.sheet.encoding},
        "told": told(importer),
        "first": [
            {
                **_at(line),
                "number": answers.number,
                "verdict": verdict,
                "cells": _cells(importer, answers),
            }
            for line, answers, verdict in outcome.first
        ],
        "cases": [
            {**_at(line), "number": case.number, "answers": [list(row) for row in case.answers]}
            for line, case in outcome.cases
        ],
        "known": [{**_at(line), "case": case} for line, case in outcome.known[:REPORTED]],
        "bad": [{**_at(line), "reason": reason} for line, reason in outcome.bad[:REPORTED]],
    }


def _at(line: SheetRow) -> dict[str, Any]:
    return {"line": line.number, "place": line.place}


def told(importer: Importer) -> list[str]:
    """What the file has that is not read, and has not that is looked for, as Chinese sentences."""
    said = importer.translator.headings().sentences()
    if sheets := importer.sheet.passed_over:
        said.append(
            f"没有读的工作表：{'、'.join(sheets)}（隐藏的，或者没有此来源的列名）。里面有来件的，请另存成文件再导入。"
        )
    return said


def _cells(importer: Importer, answers: Answers) -> list[list[str]]:
    kinds = "、".join(word for box, word in TYPES if answers.typed.get(box))
    shown = [[label, importer.translator.shown(answers, key)[:60]] for key, label in SHOWN]
    return [["类型", kinds or "—"], *([label, text or "—"] for label, text in shown)]
