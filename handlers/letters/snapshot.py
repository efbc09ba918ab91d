"""What a letter says, gathered once at its issue: the case's values in words, the bureau, and who agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

import orjson
from sqlalchemy import Connection, Row, String, and_, cast, literal, select, union_all

from forms.form_file import Field
from forms.wording import chinese_date
from handlers.letters.letter_values import DisplayNames, account_ids, letter_values, unnamed
from handlers.people.profiles import Profile, load_profile
from handlers.personal.kept_apart import with_real_values
from handlers.service_registry import HandlerContext, HandlerRefused
from handlers.store.states import TaskState
from handlers.store.tables import account, department, setting, submission, task
from handlers.time_source import beijing_date

APPROVAL_FORM = "approval_decision"


def snapshot(context: HandlerContext, answers: Mapping[str, Field], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a template may use but the letter's own number, as plain JSON. Three SQL statements, one more where
    a form asks for personal data: a letter says the real name where the screens say 王*. `personal` lists the fields of
    which it does: whoever hands out such a letter or shows its context must ask who works on the case. `unnamed` has
    the codes that nothing names, by field.

    `answers` are the fields of the release's forms. Raises: HandlerRefused, if no bureau profile is installed.
    """
    profile, names = _names(context.connection, account_ids(answers, context.facts) | {context.started_by})
    known = _facts(context, answers)
    facts, labels = letter_values(answers, known, names)
    done = done_steps(context.connection, context.instance_id)
    return {
        "today": chinese_date(context.today),
        "case": {"number": context.number, "title": context.title},
        "bureau": bureau_words(profile),
        "contact": names.accounts.get(context.started_by, ""),
        "facts": facts,
        "labels": labels,
        "personal": sorted(key for key, value in known.items() if value != context.facts.get(key)),
        "approvals": last_round(done),
        "steps": [{"node": row.node, "department": row.department or "", **_opinion(row)} for row in reversed(done)],
        "parameters": dict(parameters),
        "unnamed": dict(unnamed(answers, known, names)),
    }


def bureau_words(profile: Profile) -> dict[str, Any]:
    """What a letter can say of the bureau."""
    return {
        "bureau": profile.bureau,
        "letter_head": profile.letter_head,
        "number_prefix": profile.number_prefix,
        "centre": profile.centre,
        "phones": dict(profile.phones),
        "address": profile.address,
        "supervision": profile.supervision,
    }


def _facts(context: HandlerContext, answers: Mapping[str, Field]) -> Mapping[str, Any]:
    if not any(answer.personal for answer in answers.values()):
        return context.facts
    return with_real_values(context.connection, context.instance_id, context.facts)


def _names(connection: Connection, accounts: set[int]) -> tuple[Profile, DisplayNames]:
    # One statement for three small things: a completion has twelve to spend.
    rows = connection.execute(
        union_all(
            select(
                literal("profile").label("kind"),
                setting.c.name.label("key"),
                cast(setting.c.value, String).label("name"),
            ).where(setting.c.name == "profile"),
            select(literal("department"), department.c.code, department.c.name),
            select(literal("account"), cast(account.c.id, String), account.c.name).where(account.c.id.in_(accounts)),
        )
    ).all()
    chosen = next((row.name for row in rows if row.kind == "profile"), None)
    if chosen is None:
        raise HandlerRefused("还没有选定单位配置，文书缺少发文机关。请系统管理员重新运行安装。")
    departments = {row.key: row.name for row in rows if row.kind == "department"}
    people = {int(row.key): row.name for row in rows if row.kind == "account"}
    profile = load_profile(orjson.loads(chosen))
    return profile, DisplayNames(departments, people, {item.code: item.name for item in profile.authorities})


def done_steps(connection: Connection, instance_id: int) -> list[Row[Any]]:
    """What people have done in the case, newest first. One SQL statement.

    Read from the tasks, not from the history: the step that issues the letter is not in the history until its command
    ends.
    """
    absent = account.alias("absent")
    # By case as well: submissions have no index by task, and by it alone all that were ever made are read.
    done = (
        select(
            task.c.form,
            task.c.node,
            task.c.name.label("step"),
            task.c.outcome,
            task.c.completed_at,
            account.c.name.label("person"),
            absent.c.name.label("absent"),
            department.c.name.label("department"),
            submission.c["values"].label("answers"),
        )
        .join(account, account.c.id == task.c.completed_by)
        .join(submission, and_(submission.c.instance_id == task.c.instance_id, submission.c.task_id == task.c.id))
        .outerjoin(absent, absent.c.id == task.c.on_behalf_of)
        .outerjoin(department, department.c.code == task.c.department)
        .where(task.c.instance_id == instance_id, task.c.state == TaskState.DONE)
        .order_by(task.c.completed_at.desc(), submission.c.id.desc())
    )
    return list(connection.execute(done))


def last_round(rows: Sequence[Row[Any]]) -> list[dict[str, str]]:
    """The opinions of the last round of approval, in order: `step`, `name`, `decision_label`, `comment`, `on`.

    `rows` as of `done_steps`. A round ends where the drafter takes the paper back to change it.
    """
    first = next((place for place, row in enumerate(rows) if row.form == APPROVAL_FORM), len(rows))
    opinions = takewhile(lambda row: row.form == APPROVAL_FORM, rows[first:])
    return [_opinion(row) for row in reversed(list(opinions))]


def _opinion(row: Any) -> dict[str, str]:
    return {
        "step": row.step,
        "name": f"{row.person}（代{row.absent}）" if row.absent else row.person,
        "decision_label": row.outcome or "",
        "comment": str(row.answers.get("comment") or ""),
        "on": chinese_date(beijing_date(row.completed_at)),
    }
