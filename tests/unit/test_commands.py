"""Commands are kept in incidents as JSON that every later release must read."""

from __future__ import annotations

from typing import Any, get_args

import orjson
import pytest

from forms.form_file import FormFile
from forms.form_reader import read_form
from processes.engine.commands.command import (
    Act,
    Command,
    Complete,
    FireDue,
    Message,
    Post,
    answers_of,
    case_of,
    locked_away,
    read_command,
    task_of,
)

# As installations have kept them since the first release: these texts are never changed.
KEPT: list[tuple[dict[str, Any], Command]] = [
    (
        {"kind": "complete", "task_id": 7, "actor_id": 3, "values": {"name": "张*"}, "personal": {"name": "张三"}},
        Complete(7, 3, {"name": "张*"}, {"name": "张三"}),
    ),
    ({"kind": "complete", "task_id": 7, "actor_id": 3, "values": {"ok": True}}, Complete(7, 3, {"ok": True})),
    (
        {"kind": "act", "instance_id": 5, "actor_id": 3, "scope": "intake", "node": "more", "values": {"a": 1}},
        Act(5, 3, "intake", "more", {"a": 1}),
    ),
    (
        {"kind": "message", "instance_id": 5, "actor_id": None, "name": "arrived", "payload": {"no": 1}},
        Message(5, None, "arrived", {"no": 1}),
    ),
    (
        {
            "kind": "post",
            "instance_id": 5,
            "actor_id": None,
            "post_id": 9,
            "name": "clue_filed",
            "payload": {},
            "sender": {"id": 4, "number": "立〔2026〕1号"},
        },
        Post(5, 9, "clue_filed", {}, {"id": 4, "number": "立〔2026〕1号"}),
    ),
    ({"kind": "fire_due", "instance_id": 5, "actor_id": None}, FireDue(5)),
]


@pytest.mark.parametrize(("kept", "command"), KEPT, ids=[kept["kind"] for kept, _ in KEPT])
def test_what_an_earlier_release_kept_is_read_and_written_alike(kept: dict[str, Any], command: Command) -> None:
    assert read_command(kept) == command
    assert orjson.loads(orjson.dumps(command.to_json())) == kept


def test_every_kind_of_command_is_among_the_kept_ones() -> None:
    assert {type(command) for _, command in KEPT} == set(get_args(Command))


def test_a_kind_that_there_is_not_is_an_error_and_no_timer() -> None:
    with pytest.raises(KeyError):
        read_command({"kind": "forgotten", "instance_id": 5})


def test_a_command_is_about_a_task_or_about_a_case() -> None:
    assert (task_of(Complete(7, 3, {})), case_of(Complete(7, 3, {}))) == (7, None)
    assert (task_of(FireDue(5)), case_of(FireDue(5))) == (None, 5)


def test_real_values_of_personal_answers_stand_apart_and_come_back() -> None:
    given = Complete(7, 3, {"caller": "13812345678", "wish": "退货"})
    kept = locked_away(_form(), given)
    assert kept.values == {"caller": "138****5678", "wish": "退货"}
    assert kept.personal == {"caller": "13812345678"}
    assert answers_of(kept) == given.values


def _form() -> FormFile:
    fields = [
        {"type": "textfield", "id": "f1", "key": "caller", "label": "电话", "properties": {"personal": "phone"}},
        {"type": "textfield", "id": "f2", "key": "wish", "label": "诉求"},
    ]
    return read_form(orjson.dumps({"type": "default", "id": "call", "components": fields}), "call.form")
