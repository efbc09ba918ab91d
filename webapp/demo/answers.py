"""What the district's people decide, form by form, where it is not simply the first choice and a fitting sentence."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp.demo.mail import Letter

AUTHORITIES = {
    "property": "housing",
    "labour": "labour",
    "telecom": "telecom",
    "finance": "finance",
    "transport": "transport",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One form of one letter's case: `facts` of the case, `now` aware Beijing time."""

    letter: Letter
    facts: Mapping[str, Any]
    now: datetime
    chance: random.Random
    staffed: Mapping[str, int]
    """How many people handle cases in each department that has any."""

    def often(self, share: float) -> bool:
        """True in so many of a hundred cases."""
        return self.chance.random() < share

    def one_of(self, **weights: float) -> str:
        """One of the words, by weight."""
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def days_later(self, days: int) -> str:
        """A date, as a form holds it."""
        return (self.now + timedelta(days=days)).date().isoformat()


def wishes(form: str, turn: Turn) -> dict[str, Any]:
    """The answers that matter in this form; the rest is filled in as it comes."""
    return _WISHES[form](turn) if form in _WISHES else {}


def _initial_review(turn: Turn) -> dict[str, Any]:
    facts, kind = turn.facts, turn.letter.kind
    outside = facts.get("category") == "outside"
    return {
        "complete_elements": "yes",
        "duplicate_action": "new",
        "in_scope": "no" if outside else facts.get("proposed_scope") or "yes",
        "authority": AUTHORITIES.get(str(facts.get("outside_matter"))) or facts.get("proposed_authority"),
        "case_type": facts.get("proposed_type") or {"mixed": "complaint"}.get(kind, kind),
        "split": "yes",
        "urgency": "urgent" if turn.letter.injury or turn.often(0.04) else "normal",
        "important": "yes" if turn.often(0.02) else "no",
        "unit": _unit(turn),
    }


def _unit(turn: Turn) -> str:
    """The proposed unit, or where the demo has too few people for the case, one of those that have enough.

    Two verify a report and a third decides on it, so its unit needs two people besides the head.
    """
    needed = 2 if turn.letter.kind == "report" else 1
    able = sorted(unit for unit, people in turn.staffed.items() if people >= needed)
    proposed = str(turn.facts.get("proposed_unit") or "")
    return proposed if proposed in able else turn.chance.choice(able)


def _sign_in(turn: Turn) -> dict[str, Any]:
    sent_back = turn.often(0.04)
    return {
        "sign_decision": "return" if sent_back else "accept",
        "return_reason": "not_territory" if sent_back else None,
    }


def _first_contact(turn: Turn) -> dict[str, Any]:
    no_way = turn.facts.get("no_contact") is True
    reached = "no_way" if no_way else "reached" if turn.often(0.9) else "unreachable"
    return {
        "contact_way": "none" if no_way else "phone",
        "contact_result": reached,
        "contact_next": "again" if reached == "unreachable" else None,
        "injury": "yes" if turn.letter.injury else "no",
        "people_involved": turn.chance.choice((1, 1, 1, 1, 2, 6)),
        "media": "no",
        "tech_question": "yes" if turn.often(0.06) else "no",
        "attempts": turn.chance.choice((0, 1, 1, 2)),
        "amount": turn.facts.get("amount"),
    }


def _accept_review(turn: Turn) -> dict[str, Any]:
    decision = turn.one_of(accept=88, reject=7, other_way=2, correct=3)
    return {
        "accept_decision": decision,
        "accept_ground": "not_consumer",
        "authority": "culture",
        "onsite_requested": "yes" if turn.often(0.15) else "no",
        "decision_way": "platform" if turn.facts.get("platform_no") else "electronic",
    }


def _mediation_notice(turn: Turn) -> dict[str, Any]:
    at = (turn.now + timedelta(days=turn.chance.randint(2, 4))).replace(hour=9, minute=30, second=0, microsecond=0)
    return {"mediation_at": at.isoformat(), "recuse_by": turn.days_later(1)}


def _mediation_record(turn: Turn) -> dict[str, Any]:
    result = turn.one_of(performed=34, agreed=24, terminated=28, **{"continue": 14})
    amount = turn.facts.get("demand_amount") or turn.facts.get("amount") or 100
    return {
        "present_parties": ["consumer", "respondent"],
        "mediation_result": result,
        "agreed_amount": round(float(amount) * turn.chance.choice((0.5, 0.8, 1))) if result != "terminated" else None,
    }


def _feedback(turn: Turn) -> dict[str, Any]:
    facts = turn.facts
    amount = facts.get("agreed_amount") or 0
    return {
        "result": facts.get("result") or _RESULTS.get(str(facts.get("accept_decision"))),
        "dispute_amount": facts.get("amount"),
        "loss_recovered": amount if facts.get("mediation_result") in ("agreed", "performed") else 0,
        "platform_entered": "yes",
    }


def _verification_result(turn: Turn) -> dict[str, Any]:
    violation = "yes" if turn.often(0.4) else "no"
    return {
        "verified_at": turn.now.isoformat(),
        "verify_ways": ["onsite", "documents"],
        "crime_suspected": "no",
        "own_jurisdiction": "no" if turn.often(0.05) else "yes",
        "evidence_found": violation,
        "penalty_due": violation,
        "within_time": "yes",
        "exemption": "minor_corrected" if violation == "yes" and turn.often(0.35) else "none",
    }


def _verification_proposal(turn: Turn) -> dict[str, Any]:
    facts = turn.facts
    exempt = facts.get("exemption") not in (None, "none")
    ground = facts["exemption"] if exempt else "no_evidence"
    proposal = facts.get("filing_proposal") or facts.get("proposal")
    if proposal is None:
        proposal = "filed" if facts.get("evidence_found") == "yes" and not exempt else "not_filed"
    if facts.get("own_jurisdiction") == "no":
        proposal = "transferred"
    return {"proposal": proposal, "non_filing_ground": ground, "authority": "other_bureau"}


def _onsite_record(turn: Turn) -> dict[str, Any]:
    arrived = turn.now - timedelta(hours=1, minutes=turn.chance.randint(5, 40))
    return {"onsite_arrived_at": arrived.isoformat(), "onsite_left_at": turn.now.isoformat()}


_RESULTS = {"reject": "rejected", "other_way": "other_way"}
_WISHES: Mapping[str, Callable[[Turn], dict[str, Any]]] = {
    "initial_review": _initial_review,
    "deputy_approval": lambda turn: {"deputy_decision": "agree"},
    "dispatch": lambda turn: {"handling_way": "dispatch"},
    "sign_in": _sign_in,
    "enquiry_answer": lambda turn: {"converted": "no", "enquiry_way": "answer" if turn.often(0.8) else "refer"},
    "transfer_out": lambda turn: {
        "transfer_kind": "letter",
        "tell_person": "no" if turn.facts.get("no_contact") else "yes",
        "transfer_materials": "来件及附件",
    },
    "first_contact": _first_contact,
    "accept_review": _accept_review,
    "mediation_notice": _mediation_notice,
    "mediation_record": _mediation_record,
    "termination": lambda turn: {"termination_ground": "no_agreement"},
    "grade_notice": lambda turn: {"notice_next": "continue"},
    "onsite_decision": lambda turn: {
        # Two officers go; some departments of the demo have one.
        "onsite_done": "yes" if turn.staffed.get(str(turn.facts.get("unit")), 0) > 1 and turn.often(0.7) else "no"
    },
    "onsite_record": _onsite_record,
    "feedback": _feedback,
    "result_check": lambda turn: {"check_decision": "accept" if turn.often(0.95) else "return"},
    "reply": lambda turn: {"satisfaction": turn.one_of(satisfied=5, fair=3, unsatisfied=1, none=2)},
    "archive_supplement": lambda turn: {"papers_absent": "以电子方式送达，凭证存于平台。"},
    "archive_file": lambda turn: {"archive_year": turn.now.year, "archive_pages": turn.chance.randint(8, 46)},
    "verification_assign": lambda turn: {"onsite_needed": "yes" if turn.often(0.5) else "no"},
    "verification_result": _verification_result,
    "verification_proposal": _verification_proposal,
    "penalty_upload": lambda turn: {
        "penalty_kinds": ["warning", "fine"],
        "penalty_amount": turn.chance.choice((500, 2000, 5000)),
    },
    "suspension_request": lambda turn: {"suspension_reason": "inspection"},
    "extension_request": lambda turn: {
        "extension_code": f"grade_{turn.facts.get('grade') or 'general'}",
        "extension_days": turn.chance.choice((5, 10)),
    },
    "suspension_progress": lambda turn: {"suspension_result_out": "yes" if turn.often(0.5) else "no"},
    "supervision_reply": lambda turn: {"supervision_expected_on": turn.days_later(3)},
    "supervision_instruction": lambda turn: {"accountability_listed": "yes" if turn.often(0.3) else "no"},
}
