"""The commands that can fail on the way and be carried out again, as data: what an incident keeps of them.

The JSON is that of `incident.command`: its keys are never renamed, or what waits for a repair could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Self, TypeVar, get_args

from forms.form_file import FormFile
from processes.engine.cases import personal_answers


@dataclass(frozen=True, slots=True)
class _Kept:
    """How every command is written into an incident and read from it."""

    kind: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """The command as an incident keeps it; `personal` only where something is kept apart."""
        kept = {item.name: getattr(self, item.name) for item in fields(self)}
        return {"kind": self.kind, **{key: value for key, value in kept.items() if key != "personal" or value}}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The command that `to_json` wrote, in this release or an earlier one. Raises TypeError: a key is missing."""
        return cls(**{item.name: kept[item.name] for item in fields(cls) if item.name in kept})


@dataclass(frozen=True, slots=True)
class Complete(_Kept):
    """A person submits the form of a task. `personal`: real values of the answers that are masked in `values`."""

    kind: ClassVar[str] = "complete"
    task_id: int
    actor_id: int
    values: Mapping[str, Any]
    personal: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act(_Kept):
    """A person lets the message event `node` of process `scope` happen by filling in its form."""

    kind: ClassVar[str] = "act"
    instance_id: int
    actor_id: int
    scope: str
    node: str
    values: Mapping[str, Any]
    personal: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message(_Kept):
    """Somebody, or the system, gives a case a message."""

    kind: ClassVar[str] = "message"
    instance_id: int
    actor_id: int | None
    name: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Post(_Kept):
    """A message of another case arrives. `sender`: id and number of that case."""

    kind: ClassVar[str] = "post"
    instance_id: int
    post_id: int
    name: str
    payload: Mapping[str, Any]
    sender: Mapping[str, Any]
    actor_id: None = None


@dataclass(frozen=True, slots=True)
class FireDue(_Kept):
    """The timers of a case that are due fire."""

    kind: ClassVar[str] = "fire_due"
    instance_id: int
    actor_id: None = None


Command = Complete | Act | Message | Post | FireDue
Submitted = TypeVar("Submitted", Complete, Act)
_KINDS: Mapping[str, type[Command]] = {kept.kind: kept for kept in get_args(Command)}


def read_command(kept: Mapping[str, Any]) -> Command:
    """The command that an incident keeps. Raises KeyError, for a kind that there is not."""
    return _KINDS[kept["kind"]].from_json(kept)


def task_of(command: Command) -> int | None:
    """The task that a command is about, if it is about one."""
    return command.task_id if isinstance(command, Complete) else None


def case_of(command: Command) -> int | None:
    """The case that a command names; None where it is known by its task."""
    return None if isinstance(command, Complete) else command.instance_id


def answers_of(command: Complete | Act) -> dict[str, Any]:
    """The answers as they were given."""
    return {**command.values, **command.personal}


def locked_away(form: FormFile, command: Submitted) -> Submitted:
    """The command for its incident: real values apart under `personal`, until somebody has settled it."""
    real = {key: command.values[key] for key, _ in form.personal if command.values.get(key)}
    return replace(command, values=dict(personal_answers.shown(form, command.values)), personal=real)
