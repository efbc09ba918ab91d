"""The choice lists that forms take from the running bureau: departments, people, streets, other authorities,
and from the code: the ways in which letters are delivered.

One place for the screens and for the scenarios; letters take the same names from `names_of_departments` and friends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from handlers.letters.delivery import UNREACHABLE, UNREACHABLE_WORDS, WAYS
from handlers.people.actors import active_people, candidates, department_names
from handlers.people.profiles import installed_profile
from handlers.store.tables import account, department

Options = Sequence[tuple[str, str]]
"""(stored value, label) pairs."""

UNIT_FACT: Final = "unit"
"""The fact that holds the department which handles a case."""
_OF_UNIT: Final = "@unit"
_WAYS: Final[Mapping[str, Options]] = {
    "": tuple(WAYS.items()),
    "or_unreachable": (*WAYS.items(), (UNREACHABLE, UNREACHABLE_WORDS)),
}
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "handling": ("unit", "section"),
    "section": ("section", "legal"),
    "unit": ("unit",),
}


def options_of(connection: Connection, source: str, facts: Mapping[str, Any]) -> Options:
    """What `source` offers in a case with `facts`: one statement, two for what the bureau's profile holds.

    `departments`, `departments:handling|section|unit`; `accounts`, `accounts:<role>`, `accounts:<role>@unit` (in the
    department of the case's fact `unit`: nobody where there is none yet); `streets`; `authorities`; `delivery_ways`,
    `delivery_ways:or_unreachable` (no statement).
    """
    name, _, rest = source.partition(":")
    if name == "delivery_ways":
        return _WAYS[rest]
    if name == "departments":
        return _departments(connection, _KINDS.get(rest))
    if name == "accounts":
        return _people(connection, rest, facts)
    return _from_profile(connection, name)


def choices_of(connection: Connection, sources: Iterable[str], facts: Mapping[str, Any]) -> dict[str, Options]:
    """What each of `sources` offers in a case with `facts`, as a form is built with it."""
    return {source: options_of(connection, source, facts) for source in sources}


def names_of(connection: Connection, source: str) -> Options:
    """Every value that `source` may ever have offered, for reading: a case outlives a transfer of its people."""
    name = source.partition(":")[0]
    if name == "delivery_ways":
        return _WAYS["or_unreachable"]
    if name == "departments":
        return _departments(connection, None)
    if name == "accounts":
        return [(str(row.id), row.name) for row in connection.execute(select(account.c.id, account.c.name))]
    return _from_profile(connection, name)


def source_problem(source: str, roles: Collection[str]) -> str:
    """What is wrong with the name of a source, as a sentence; empty if nothing is."""
    name, _, rest = source.partition(":")
    if name == "departments" and (not rest or rest in _KINDS):
        return ""
    if name == "accounts" and (not rest or rest.removesuffix(_OF_UNIT) in roles):
        return ""
    if source in ("streets", "authorities") or (name == "delivery_ways" and rest in _WAYS):
        return ""
    if name == "accounts":
        return f"选项来源“{source}”的角色不存在，请改成系统里的角色编号。"
    known = "departments、accounts、streets、authorities、delivery_ways"
    return f"选项来源“{source}”不认识，可以用 {known}，例如 departments:handling。"


def _departments(connection: Connection, kinds: tuple[str, ...] | None) -> Options:
    if kinds is None:
        return list(department_names(connection).items())
    chosen = select(department.c.code, department.c.name).where(department.c.kind.in_(kinds))
    return [(row.code, row.name) for row in connection.execute(chosen.order_by(department.c.position))]


def _people(connection: Connection, group: str, facts: Mapping[str, Any]) -> Options:
    if not group:
        return [(str(number), person) for number, person in active_people(connection)]
    role, unit = group.removesuffix(_OF_UNIT), None
    if group.endswith(_OF_UNIT):
        unit = str(facts.get(UNIT_FACT) or "")
        if not unit:
            return []
    return [(str(person.account_id), person.name) for person in candidates(connection, role, unit)]


def _from_profile(connection: Connection, name: str) -> Options:
    profile = installed_profile(connection)
    if profile is None:
        return []
    if name == "streets":
        return [(street, street) for street in profile.streets]
    return [(item.code, item.name) for item in profile.authorities] if name == "authorities" else []
