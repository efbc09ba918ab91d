"""What the checker lets through fits into the tables of both databases, PostgreSQL's among them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.cases.drafts import action_draft, save_draft
from handlers.store.tables import clock, definition, draft, event, instance, room_of, task
from processes.engine.check.lengths import GOES_INTO
from processes.engine.errors import Refused
from processes.engine.publishing.publish import PublishError, Source
from tests.support.bureau import Bureau
from tests.unit.check.drawing import diagram, element, end, form, line, start, table, user

ROOM = {what: min(room_of(column) for column in columns) for what, columns in GOES_INTO.items()}
KEY = "p" * 20
CALLED = "q" * ROOM["流程编号"]
STEP, NAME = "s" * ROOM["节点编号"], "名" * ROOM["节点名称"]
ACTION = "a" * (ROOM["草稿编号"] - len(action_draft(9_999_999, KEY, "")))
LIMIT, LIMIT_NAME = "l" * ROOM["期限编号"], "限" * ROOM["期限名称"]
RULES = "r" * ROOM["规则版本"]
OUTCOME, END = "果" * ROOM["办理结果"], "完" * ROOM["结束事件名称"]
MESSAGE = "m" * 60
PREFIX = "样" * (ROOM["事项编号"] - len("〔2026〕9999999号"))

_HEARD = '<bpmn:messageEventDefinition messageRef="heard"/>'
_CHOICES = [{"value": "agree", "label": OUTCOME}]
FORMS = {
    "long_entry": form("long_entry", {"type": "textfield", "key": "subject", "label": "标题"}),
    "long_step": form(
        "long_step",
        {"type": "radio", "key": "decision", "label": "意见", "values": _CHOICES} | {"properties": {"opinion": "true"}},
    ),
}


def _caller() -> bytes:
    action = '<banli:task form="long_entry" role="\'centre_clerk\'"/>'
    return diagram(
        start(),
        user("fill", '<banli:task form="long_entry" entry="true"/>'),
        element("callActivity", "call", calledElement=CALLED),
        element("boundaryEvent", ACTION, _HEARD, action, attachedToRef="call", cancelActivity="false", name=NAME),
        end("heard_end"),
        end(name=END),
        line("start", "fill", "call", "end"),
        line(ACTION, "heard_end"),
        key=KEY,
        case=f'<banli:case title="subject" prefix="{PREFIX}"/>',
        outside=f'<bpmn:message id="heard" name="{MESSAGE}"/>',
    )


def _called() -> bytes:
    settings = f'<banli:task form="long_step" outcome="decision"/><banli:limit code="{LIMIT}"/>'
    return diagram(
        start(), user(STEP, settings, name=NAME), end(), line("start", STEP, "end"), key=CALLED, case="", card=""
    )


def _limits(shipped: str) -> bytes:
    """The shipped table with one row before all others."""
    cells = [f'"{LIMIT}"', "-", "3", '"WD"', f'"{LIMIT_NAME}"', '"依据"', '"legal"', '"non-working"']
    entries = "".join(
        f'<{tag} id="long_{number}"><text>{text}</text></{tag}>'
        for number, text in enumerate(cells)
        for tag in ["inputEntry" if number < 2 else "outputEntry"]
    )
    return shipped.replace("<rule ", f'<rule id="long_row">{entries}</rule><rule ', 1).encode()


@pytest.fixture
def long(bureau_on_both: Bureau) -> Bureau:
    """The bureau with a procedure in which everything is as long as the checker allows."""
    with bureau_on_both.database.read() as connection:
        wanted = select(definition.c.content).where(definition.c.kind == "table", definition.c.key == "time_limits")
        shipped = connection.execute(wanted).scalar_one().decode()
    rules = table([["-", f'"{RULES}"']], ("received_on",), ("rule_set",), key="rule_set")
    bureau_on_both.publish(
        Source("process", KEY, _caller()),
        Source("process", CALLED, _called()),
        Source("table", "rule_set", rules),
        Source("table", "time_limits", _limits(shipped)),
        *(Source("form", key, content) for key, content in FORMS.items()),
    )
    return bureau_on_both


def test_a_case_in_which_everything_is_as_long_as_may_be_runs_to_its_end(long: Bureau) -> None:
    actor = long.actor("zhao.lei")
    case = long.engine.start(actor, KEY, {"subject": "题" * 300}).instance_id
    with long.database.write() as connection:
        save_draft(connection, actor.account_id, action_draft(case, KEY, ACTION), {}, long.time.now())
    assert not long.engine.act(actor, case, KEY, ACTION, {"subject": "新"}).held
    result = long.engine.complete(actor, long.open_task(case).id, {"decision": "agree"})
    assert (result.ended, result.outcome, result.held) == (True, END, "")
    with long.database.read() as connection:
        done = connection.execute(select(task).where(task.c.node == STEP)).one()
        ran = connection.execute(select(clock).where(clock.c.instance_id == case)).one()
        row = connection.execute(select(instance).where(instance.c.id == case)).one()
        said = connection.execute(select(event).where(event.c.node == STEP, event.c.kind == "completed")).one()
        assert connection.execute(select(draft)).all() == []
    assert (done.scope, done.name, done.outcome) == (CALLED, NAME, OUTCOME)
    assert (ran.code, ran.name, ran.rule_set) == (LIMIT, LIMIT_NAME, RULES)
    assert (row.number, row.rule_set) == (f"{PREFIX}〔2026〕1号", RULES)
    assert (said.node_name, said.outcome) == (NAME, OUTCOME)


def test_a_role_that_an_expression_makes_too_long_stops_the_step_with_a_reason(bureau_on_both: Bureau) -> None:
    settings = '<banli:task form="long_entry" role="subject"/>'
    drawn = diagram(
        start(),
        user("fill", '<banli:task form="long_entry" entry="true"/>'),
        user("next", settings, name="下一步"),
        end(),
        line("start", "fill", "next", "end"),
    )
    forms = [Source("form", key, content) for key, content in FORMS.items()]
    bureau_on_both.publish(Source("process", "sample", drawn), *forms)
    with pytest.raises(Refused, match=r"“下一步”这一步无法进行：办理角色“题题.*…”不是编号"):
        bureau_on_both.engine.start(bureau_on_both.actor("zhao.lei"), "sample", {"subject": "题" * 41})


def test_a_file_with_too_long_a_name_is_refused_before_anything_is_kept(bureau_on_both: Bureau) -> None:
    key = "k" * (ROOM["文件名"] + 1)
    rules = table([["-", "1"]], ("kind",), ("level",), key=key)
    with pytest.raises(PublishError, match=r"文件名「k+…」有 81 个字，最多 80 个，请改短"):
        bureau_on_both.publish(Source("table", key, rules))
