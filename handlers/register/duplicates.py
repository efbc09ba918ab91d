"""Finding the letters that tell of the same matter again: by person, respondent, order number, goods, and the words.

It only shows: what becomes of a duplicate is decided by table and confirmed by the reviewer.
Source: S1:49 初步审核 (R017); domain C2 `duplicate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from handlers.files.folding import comparable, folded
from handlers.owners_words import keys, relies_on
from handlers.service_registry import HandlerContext, service
from handlers.store.tables import case_link, instance, register
from handlers.time_source import beijing_date

LOOKED_AT = 50
"""At most so many earlier cases are compared, the latest first: a supermarket may have thousands."""
COMPARED_CHARACTERS = 800
SHORTEST_TEXT = 20
"""Shorter texts are alike by chance: 要求退款."""
NAMED = 10
SIMILARITY = 0.8
_ABOUT = ("respondent_name", "respondent_code", "order_no", "goods", "amount", "facts_text", "bought_on", "happened_at")
relies_on("疑似重复来件的查找", *keys("case_register", *_ABOUT))


@dataclass(frozen=True, slots=True)
class Subject:
    """The letter that others are compared with. `instance_id` is None before it has become a case."""

    received_at: datetime
    facts: Mapping[str, Any]
    person_digest: str | None
    instance_id: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier case and what it has in common. `fact` says in words why it is the same matter, or is empty."""

    number: str
    received_at: datetime
    same_person: bool
    same_respondent: bool
    fact: str

    @property
    def weight(self) -> int:
        """How many of the three agree."""
        return self.same_person + self.same_respondent + bool(self.fact)

    @property
    def words(self) -> str:
        """Such as 12315〔2026〕3号（2026-03-01收到）：同一人、同一对象、订单号相同."""
        common = [
            *(["同一人"] if self.same_person else []),
            *(["同一被投诉举报人"] if self.same_respondent else []),
            *([self.fact] if self.fact else []),
        ]
        return f"{self.number}（{beijing_date(self.received_at)}收到）：{'、'.join(common)}"


@service("register.duplicates")
def duplicates(context: HandlerContext, days: int, similarity: float = SIMILARITY) -> Mapping[str, Any]:
    """What earlier cases this one may repeat.

    `days`: calendar days back from receipt. `similarity`: 0 to 1, from which on two descriptions count as the same.
    Gives `same_person`, `same_respondent`, `same_fact` of the closest earlier case (booleans, for the table
    `duplicate`), `duplicate_numbers` (case numbers, closest first) and `duplicate_note`, a sentence for the reviewer.
    Source: S1:49 (R017).
    """
    row = context.connection.execute(
        select(register.c.received_at, register.c.person_digest).where(register.c.instance_id == context.instance_id)
    ).one_or_none()
    received_at, digest = (row.received_at, row.person_digest) if row else (context.now, None)
    subject = Subject(received_at, context.facts, digest, context.instance_id)
    matches = find(context.connection, subject, days=days, similarity=similarity)
    closest = matches[0] if matches else None
    return {
        "same_person": bool(closest and closest.same_person),
        "same_respondent": bool(closest and closest.same_respondent),
        "same_fact": bool(closest and closest.fact),
        "duplicate_numbers": [match.number for match in matches[:NAMED]],
        "duplicate_note": note(matches, days),
    }


def note(matches: Sequence[Match], days: int) -> str:
    """The sentence for the reviewer. It names cases, never people."""
    if not matches:
        return f"近 {days} 天内没有发现重复的件。"
    more = f"；另有 {len(matches) - NAMED} 件" if len(matches) > NAMED else ""
    return f"近 {days} 天内可能重复：{'；'.join(match.words for match in matches[:NAMED])}{more}。"


def find(connection: Connection, subject: Subject, *, days: int, similarity: float = SIMILARITY) -> list[Match]:
    """Cases of the last `days` days that tell of the same matter, or of the same person and respondent.

    The closest come first. One statement.
    """
    clues = _clues(subject)
    if not clues:
        return []
    candidates = (
        select(register.c.instance_id)
        .where(or_(*clues), register.c.received_at >= subject.received_at - timedelta(days=days))
        .where(*_not_itself(subject.instance_id))
        .order_by(register.c.received_at.desc(), register.c.instance_id.desc())
        .limit(LOOKED_AT)
    )
    rows = connection.execute(
        select(register, instance.c.number, instance.c.facts)
        .join(instance, instance.c.id == register.c.instance_id)
        .where(register.c.instance_id.in_(candidates.scalar_subquery()))
        .order_by(register.c.received_at.desc(), register.c.instance_id.desc())
    )
    matches = [_compare(subject, row, similarity) for row in rows]
    return sorted((match for match in matches if match.weight > 1 or match.fact), key=lambda match: -match.weight)


def _clues(subject: Subject) -> list[ColumnElement[bool]]:
    facts = subject.facts
    pairs = (
        (register.c.person_digest, subject.person_digest),
        (register.c.respondent_key, comparable(facts.get("respondent_name"))),
        (register.c.respondent_code, str(facts.get("respondent_code") or "")),
        (register.c.order_no, comparable(facts.get("order_no"))[:80]),
    )
    return [column == value for column, value in pairs if value]


def _not_itself(instance_id: int | None) -> list[ColumnElement[bool]]:
    """Neither the case itself nor the other half of the same letter."""
    if instance_id is None:
        return []
    other = register.c.instance_id
    linked = exists().where(
        ((case_link.c.parent_id == instance_id) & (case_link.c.child_id == other))
        | ((case_link.c.child_id == instance_id) & (case_link.c.parent_id == other))
    )
    return [other != instance_id, ~linked]


def _compare(subject: Subject, row: Any, similarity: float) -> Match:
    facts = subject.facts
    names = comparable(facts.get("respondent_name")), row.respondent_key
    code = str(facts.get("respondent_code") or "")
    return Match(
        number=row.number,
        received_at=row.received_at,
        same_person=subject.person_digest is not None and subject.person_digest == row.person_digest,
        same_respondent=bool(code and code == row.respondent_code) or bool(names[0] and names[0] == names[1]),
        fact=_same_fact(facts, row.facts, similarity),
    )


def _same_fact(left: Mapping[str, Any], right: Mapping[str, Any], similarity: float) -> str:
    """Why two letters tell of the same matter, in words, or nothing."""
    if (order := comparable(left.get("order_no"))) and order == comparable(right.get("order_no")):
        return "订单号相同"
    goods = [(comparable(facts.get("goods")), facts.get("amount"), _day(facts)) for facts in (left, right)]
    if all(goods[0]) and goods[0] == goods[1]:
        return "商品服务、金额和日期相同"
    texts = [comparable_text(facts.get("facts_text")) for facts in (left, right)]
    if min(map(len, texts)) >= SHORTEST_TEXT and alike(texts[0], texts[1], similarity):
        return "事实描述相近"
    return ""


def _day(facts: Mapping[str, Any]) -> str:
    return str(facts.get("bought_on") or facts.get("happened_at") or "")[:10]


def comparable_text(text: Any) -> str:
    """The words of a description, as much of them as is compared."""
    return "".join(folded(text).split())[:COMPARED_CHARACTERS]


def alike(left: str, right: str, similarity: float) -> bool:
    """Whether the two texts agree to that degree; the cheap upper bounds come first."""
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return (
        matcher.real_quick_ratio() >= similarity
        and matcher.quick_ratio() >= similarity
        and matcher.ratio() >= similarity
    )
