"""The bureau a scenario plays in: a database of its own, the demo people, the published set, a clock set by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from lxml import etree
from sqlalchemy import Connection, Row, insert, select, update

import handlers.services  # noqa: F401 - registers the functions that service tasks call
from forms.answer_field import Attachment
from forms.beijing import BEIJING
from forms.form_class import bind, build_form_class
from forms.form_file import Field, FormFile
from handlers.choices import choices_of
from handlers.clocks.calendar_store import load_calendar
from handlers.people.accounts import set_grants
from handlers.people.actors import Actor, Grant, load_actor, may_do
from handlers.people.task import Task
from handlers.store.database import Database
from handlers.store.states import WAITING_STATES
from handlers.store.tables import account, attachment, definition, instance, task
from handlers.time_source import ManualTime, beijing_date
from processes.engine.diagrams.safe_xml import parse_xml
from processes.engine.engine import Engine
from processes.engine.publishing.library import Library
from processes.engine.publishing.publish import Source, publish
from processes.engine.scenarios.book import ScenarioError, read_moment

SEAL_KEY = b"scenarios are thrown away; their seals protect nothing"


class FormRefused(ScenarioError):
    """A form as it was filled in would not have been accepted."""


class Stage:
    """What the player needs of the bureau. `database` is set up and holds no case."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.time = ManualTime(read_moment("2026-01-05 09:00"))
        self._library = Library(database)
        with database.read() as connection:
            rows = connection.execute(select(account.c.id, account.c.username).order_by(account.c.username)).all()
        self.people: dict[str, int] = {row.username: row.id for row in rows}

    def engine(self) -> Engine:
        """A new engine with nothing in memory: every step begins by loading what the step before has saved."""
        # What is published never changes: no need to compile it at every step.
        return Engine(self.database, self.time, seal_key=SEAL_KEY, library=self._library)

    def move_to(self, when: date | str) -> None:
        """Set the clock: to a moment, or `+2wd` two working days on at the same hour."""
        text = str(when)
        if not (text.startswith("+") and text.endswith("wd")):
            self.time.move_to(read_moment(when))
            return
        with self.database.read() as connection:
            calendar = load_calendar(connection)
        local, left = self.time.now().astimezone(BEIJING), int(text[1:-2])
        while left:
            local += timedelta(days=1)
            left -= calendar.is_working(local.date())
        self.time.move_to(local)

    def actor(self, username: str) -> Actor:
        """The person as signed in now. Raises ScenarioError."""
        if username not in self.people:
            raise ScenarioError(f"没有登录名“{username}”")
        with self.database.read() as connection:
            person = load_actor(connection, self.people[username], beijing_date(self.time.now()))
        if person is None:
            raise ScenarioError(f"“{username}”已停用")
        return person

    def able(self, row: Row[Any]) -> list[str]:
        """User names of all who may do the task, in alphabetical order."""
        usernames = []
        for username, account_id in self.people.items():
            with self.database.read() as connection:
                actor = load_actor(connection, account_id, beijing_date(self.time.now()))
            if actor is not None and may_do(actor, Task.of(row)):
                usernames.append(username)
        return usernames

    def open_tasks(self, instance_id: int) -> list[Row[Any]]:
        """The case's tasks on desks, oldest first."""
        statement = select(task).where(task.c.instance_id == instance_id, task.c.state.in_(WAITING_STATES))
        with self.database.read() as connection:
            return list(connection.execute(statement.order_by(task.c.id)))

    # --- what is different in this scenario --------------------------------------------------------------------------

    def change_people(self, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """`also`: further roles (`role@department`); `inactive`: the account is disabled."""
        for username, change in changes.items():
            person = self.actor(username)
            also = change.get("also") or []
            grants = [_grant(text) for text in ([also] if isinstance(also, str) else also)]
            with self.database.write() as connection:
                if grants:
                    set_grants(connection, person.account_id, [*person.grants, *grants])
                if change.get("inactive"):
                    connection.execute(update(account).where(account.c.id == person.account_id).values(active=False))

    def change_table(self, change: Mapping[str, Any]) -> None:
        """Publish a table with one cell changed: `table`, `row` (from 1), `input` (its label), `to`."""
        key = change["table"]
        with self.database.write() as connection:
            content = connection.execute(
                select(definition.c.content)
                .where(definition.c.kind == "table", definition.c.key == key)
                .order_by(definition.c.number.desc())
                .limit(1)
            ).scalar_one()
            publish(
                connection,
                [Source("table", key, _with_cell(content, change))],
                author="情形",
                note="情形中的改动",
                effective_on=beijing_date(self.time.now()),
                now=self.time.now(),
            )

    # --- filling in forms --------------------------------------------------------------------------------------------

    def facts(self, instance_id: int) -> Mapping[str, Any]:
        """The case's current values."""
        with self.database.read() as connection:
            facts: Mapping[str, Any] = connection.execute(
                select(instance.c.facts).where(instance.c.id == instance_id)
            ).scalar_one()
        return facts

    def fill_in(
        self,
        form: FormFile,
        given: Mapping[str, Any],
        actor: Actor,
        facts: Mapping[str, Any] | None = None,
        outcome: str = "",
    ) -> dict[str, Any]:
        """The values as the form itself would give them after validation. Raises FormRefused with its sentences.

        As on the page, the form begins with the case's `facts` but for opinions and the decision `outcome`; they also
        decide what its run-time choices offer.
        """
        for key in given:
            if key not in form.answers():
                raise ScenarioError(f"表单“{form.name}”没有字段“{key}”")
        with self.database.write() as connection:
            choices = choices_of(connection, form.sources(), facts or {})
            files: dict[int, Attachment] = {}
            data = self._begun(connection, form, form.begun(facts or {}, outcome), files)
            data |= {
                key: self._value(connection, form.answers()[key], value, actor, files) for key, value in given.items()
            }
        filled = bind(build_form_class(form, choices=choices), None, data, now=self.time.now(), files=files)
        if not filled.validate():
            problems = "；".join(f"{problem.label}：{problem.message}" for problem in filled.problems())
            raise FormRefused(f"表单“{form.name}”填写有误：{problems}")
        values: dict[str, Any] = filled.values()
        return values

    @staticmethod
    def _begun(
        connection: Connection, form: FormFile, facts: Mapping[str, Any], files: dict[int, Attachment]
    ) -> dict[str, Any]:
        """What stands in the form before anybody types; files of the case are added to `files`."""
        begun = {key: facts[key] for key in form.answers() if key in facts}
        named = [id_ for key in begun if form.answers()[key].kind == "filepicker" for id_ in begun[key] or ()]
        for row in connection.execute(select(attachment).where(attachment.c.id.in_(named))) if named else ():
            files[row.id] = Attachment(row.id, row.filename, row.size)
        return begun

    def _value(
        self, connection: Connection, field: Field, value: Any, actor: Actor, files: dict[int, Attachment]
    ) -> Any:
        if value is None:
            return None
        if field.kind == "filepicker":
            return [self._attach(connection, field.key, name, actor, files) for name in value]
        if field.kind == "dynamiclist":
            columns = {column.key: column for column in field.fields}
            return [
                {key: self._value(connection, columns[key], item, actor, files) for key, item in row.items()}
                for row in value
            ]
        if field.source.startswith("accounts"):
            return [str(self.people[name]) for name in value] if field.multiple else self.people.get(value, value)
        if field.kind == "datetime":
            moment = read_moment(value)
            return moment.isoformat() if field.subtype == "datetime" else moment.date().isoformat()
        return value

    def _attach(
        self, connection: Connection, key: str, filename: str, actor: Actor, files: dict[int, Attachment]
    ) -> int:
        row = {
            "field": key,
            "filename": filename,
            "media_type": "application/octet-stream",
            "size": len(filename),
            "sha256": hashlib.sha256(filename.encode()).hexdigest(),
            "uploaded_by": actor.account_id,
            "uploaded_at": self.time.now(),
        }
        new_id: int = connection.execute(insert(attachment).values(row).returning(attachment.c.id)).scalar_one()
        files[new_id] = Attachment(new_id, filename, len(filename))
        return new_id


def _grant(text: str) -> Grant:
    role, _, department = text.partition("@")
    return role, department


def _with_cell(content: bytes, change: Mapping[str, Any]) -> bytes:
    root = parse_xml(content, f"{change['table']}.dmn")
    ns = {"d": etree.QName(root).namespace}
    columns = [column.get("label") for column in root.iterfind(".//d:input", ns)]
    rules = root.findall(".//d:rule", ns)
    try:
        cell = rules[int(change["row"]) - 1].findall("d:inputEntry/d:text", ns)[columns.index(change["input"])]
    except (IndexError, ValueError) as error:
        raise ScenarioError(f"决策表“{change['table']}”没有第{change['row']}行的“{change['input']}”一格") from error
    cell.text = str(change["to"])
    result: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return result
