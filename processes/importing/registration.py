"""What an import registers cases with: the procedure in force, its first form, the office that receives."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from forms.filled_form import FilledForm
from forms.form_class import build_form_class
from forms.form_file import FormFile
from handlers.cases.case_list import newest_releases
from handlers.choices import choices_of
from handlers.people.actors import Actor
from handlers.register.import_sources import ImportSource, all_sources
from handlers.store.tables import department
from handlers.time_source import beijing_date
from processes.engine.commands.starting import entry_node
from processes.engine.engine import Engine
from processes.importing.translation import Choices

PROCESS = "intake"
"""The procedure that every letter goes through from receipt to archive."""
PERMISSION = "register.import"


class ImportRefused(Exception):
    """The import as a whole cannot go on; the text is a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The first form of the procedure as a new case of today would use it. `role` may fill it in."""

    form: FormFile
    form_class: type[FilledForm]
    choices: Choices
    role: str


def open_registration(connection: Connection, engine: Engine) -> Registration:
    """The registration in force. Raises: ImportRefused, where the procedure is not published."""
    releases = dict(newest_releases(connection, beijing_date(engine.time.now())))
    if PROCESS not in releases:
        raise ImportRefused("投诉举报的接收流程（intake）还没有发布，不能导入。请系统管理员运行 banli setup。")
    first = entry_node(engine.library.release(releases[PROCESS]).processes[PROCESS])
    form = engine.library.form(releases[PROCESS], first.task.form if first.task else "")
    choices = choices_of(connection, form.sources(), {})
    return Registration(form, build_form_class(form, choices=choices), choices, first.role)


def find_source(connection: Connection, code: str) -> ImportSource:
    """The source. Raises: ImportRefused."""
    sources = all_sources(connection)
    if code not in sources:
        known = "、".join(f"{key}（{source.name}）" for key, source in sources.items())
        raise ImportRefused(f"没有“{code}”这个来源。可选：{known}。")
    return sources[code]


def as_receiver(connection: Connection, actor: Actor, role: str) -> Actor:
    """The same person, with leave to register in the centre's name.

    Importing is a permission of its own: who may import need not sit at the receiver's desk. The history names the
    person; nothing but the start of the cases is done with this leave.
    Raises: ImportRefused.
    """
    if not actor.has(PERMISSION):
        raise ImportRefused("您的角色不能导入。请交给能导入的同事，例如接收员，或者请系统管理员调整角色。")
    if role in actor.roles:
        return actor
    centre = connection.scalar(
        select(department.c.code).where(department.c.kind == "centre").order_by(department.c.position).limit(1)
    )
    if centre is None:
        raise ImportRefused("单位信息里没有投诉举报机构（类别 centre），不能登记。请系统管理员补上。")
    return replace(actor, grants=actor.grants | {(role, centre)})
