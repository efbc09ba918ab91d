"""The form on which an extension is asked for offers exactly the limits that the table lets be extended."""

from __future__ import annotations

from importlib.resources import files

from forms.form_reader import read_form
from processes.engine.language.decision_tables import DecisionTable, read_dmn
from processes.engine.language.unary_tests import Exactly


def table(name: str) -> DecisionTable:
    return read_dmn(files("processes").joinpath(f"limits/{name}.dmn").read_bytes(), f"{name}.dmn")


def amounts() -> dict[str, set[int]]:
    """The days of every limit, by code, over all rule sets."""
    found: dict[str, set[int]] = {}
    limits = table("time_limits")
    amount = [output.name for output in limits.outputs].index("amount")
    for rule in limits.rules:
        for choice in rule.cells[0].choices:
            assert isinstance(choice, Exactly)
            found.setdefault(str(choice.value), set()).add(int(str(rule.outputs[amount].evaluate({}))))
    return found


def most_days(approvers: DecisionTable, code: str, days: int) -> int:
    given = {"extension_code": code, "extension_stage": "first", "limit_amount": days, "limit_total": days}
    decision = approvers.decide(given)
    assert decision is not None
    return int(str(decision.outputs["extension_most"]))


def test_the_limits_offered_are_those_that_can_be_extended() -> None:
    approvers, form = table("extension_approver"), files("forms").joinpath("limits/extension_request.form").read_bytes()
    offered = {choice.value for choice in read_form(form, "extension_request.form").answers()["extension_code"].choices}
    limits = amounts()
    assert {"mediation", "accept", "verify"} <= limits.keys()
    possible = {code for code, all_days in limits.items() if any(most_days(approvers, code, n) > 0 for n in all_days)}
    assert offered == possible
