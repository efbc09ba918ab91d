"""Publishing: files become immutable numbered versions; each procedure's closure of versions is pinned as a release.

A case keeps the release it was started with, whatever is published later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from sqlalchemy import Connection, func, insert, select, tuple_

from handlers.people.profiles import Profile, installed_profile
from handlers.people.roles import ROLES
from handlers.service_registry import service_names
from handlers.store.tables import definition, release, release_part
from handlers.time_source import beijing_date
from processes.engine.check import check_bundle
from processes.engine.check.finding import ERROR
from processes.engine.check.lengths import problem as too_long
from processes.engine.diagrams.model import Node, Process
from processes.engine.diagrams.normalise import normalised
from processes.engine.diagrams.reader import read_bpmn
from processes.engine.diagrams.safe_xml import HostileXml
from processes.engine.language.decision_tables import LIMITS_TABLE, RULE_SETS_TABLE
from processes.engine.language.expressions import compile_expression
from processes.engine.publishing.lost_choices import lost_choices

KINDS = {".bpmn": "process", ".dmn": "table", ".form": "form", ".docx": "letter"}
LETTER_INDEX = "letters"
"""`letters.yaml`, title and number format of every letter, is versioned with the templates."""
BEGINNING = date(2000, 1, 1)
"""From when the very first set is in force: there is no earlier one for a case that is entered late."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to publish: `kind` and `key` name it, `content` is what will be kept, byte for byte."""

    kind: str
    key: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Published:
    """What one publication added: `(kind, key, number)` of new versions, `(process, number)` of new releases."""

    versions: tuple[tuple[str, str, int], ...]
    releases: tuple[tuple[str, int], ...]
    notices: tuple[str, ...] = ()
    """What its author should look at again: sentences."""


class PublishError(Exception):
    """The set cannot be published; the text is a Chinese sentence."""


def shipped_sources(*roots: Traversable) -> Iterator[Source]:
    """All diagrams, tables, forms and letter templates below the given folders; the file's name is its key."""
    for root in roots:
        for entry in sorted(root.iterdir(), key=lambda item: item.name):
            if entry.is_dir():
                yield from shipped_sources(entry)
                continue
            stem, dot, suffix = entry.name.rpartition(".")
            if kind := "letter" if entry.name == f"{LETTER_INDEX}.yaml" else KINDS.get(dot + suffix):
                yield Source(kind, stem, entry.read_bytes())


def publish(
    connection: Connection, sources: Iterable[Source], *, author: str, note: str, effective_on: date, now: datetime
) -> Published:
    """Keep what is new among `sources`, and make a release of every startable procedure whose closure changed.

    Unchanged files get no new version, so publishing the same set twice adds nothing.
    Raises: PublishError, where a part is missing or the checker finds an error in the set as it would be.
    """
    versions = []
    for source in map(_plain, sources):
        number = _publish_one(connection, source, author=author, note=note, effective_on=effective_on, now=now)
        if number:
            versions.append((source.kind, source.key, number))
    if not versions:
        return Published((), ())
    releases = []
    catalogue = _catalogue(connection)
    _must_be_sound(frozenset((part, row.content) for part, row in catalogue.items()))
    for key in sorted(key for kind, key in catalogue if kind == "process"):
        process = read_process(catalogue["process", key].content, key)
        if process.number_prefix:
            number = _pin(connection, process.id, catalogue, effective_on=effective_on, now=now)
            if number:
                releases.append((process.id, number))
    contents = {part: row.content for part, row in catalogue.items()}
    return Published(tuple(versions), tuple(releases), tuple(lost_choices(_replaced(connection, versions), contents)))


def publish_shipped(connection: Connection, now: datetime) -> Published:
    """Publish what came with this release, in the bureau's words; the very first set is in force from the beginning."""
    is_first = connection.execute(select(func.count()).select_from(release)).scalar() == 0
    effective_on = BEGINNING if is_first else beijing_date(now)
    profile = installed_profile(connection)
    sources = (_worded(source, profile) for source in shipped_sources(files("processes"), files("forms")))
    return publish(connection, sources, author="系统", note="随程序发布", effective_on=effective_on, now=now)


def _worded(source: Source, profile: Profile | None) -> Source:
    # Letters say by placeholders who writes them, and a Word file is no text.
    if profile is None or source.kind == "letter":
        return source
    return replace(source, content=profile.worded(source.content.decode()).encode())


def _plain(source: Source) -> Source:
    """The part as it is kept: a diagram in the spelling that every reader and editor takes alike."""
    if source.kind != "process":
        return source
    try:
        return replace(source, content=normalised(source.content, f"{source.key}.bpmn"))
    except HostileXml:
        return source  # the check says what is wrong with it


@lru_cache(maxsize=256)
def read_process(content: bytes, key: str) -> Process:
    """The process with id `key` of a published diagram. Raises PublishError."""
    for process in read_bpmn(content, f"{key}.bpmn").processes:
        if process.id == key:
            return process
    raise PublishError(f"流程图“{key}”中没有编号为“{key}”的流程：文件名应与流程编号一致")


def _publish_one(
    connection: Connection, source: Source, *, author: str, note: str, effective_on: date, now: datetime
) -> int:
    if sentence := too_long("文件名", source.key):
        raise PublishError(sentence)
    newest = connection.execute(
        select(definition.c.number, definition.c.sha256)
        .where(definition.c.kind == source.kind, definition.c.key == source.key)
        .order_by(definition.c.number.desc())
        .limit(1)
    ).first()
    if newest and newest.sha256 == source.sha256:
        return 0
    number = newest.number + 1 if newest else 1
    connection.execute(
        insert(definition).values(
            kind=source.kind,
            key=source.key,
            number=number,
            sha256=source.sha256,
            content=source.content,
            author=author,
            note=note,
            effective_on=effective_on,
            published_at=now,
        )
    )
    return number


@lru_cache(maxsize=8)
def _must_be_sound(parts: frozenset[tuple[tuple[str, str], bytes]]) -> None:
    """Refuse a set with which some diagram could not really run: what the checker finds is never published.

    A set that was found sound is not checked again by this process; an unsound one is.
    """
    contents = dict(parts)
    suffixes = {"process": "bpmn", "table": "dmn"}
    findings = check_bundle(
        {f"{key}.{suffixes[kind]}": content for (kind, key), content in contents.items() if kind in suffixes},
        forms={f"{key}.form": content for (kind, key), content in contents.items() if kind == "form"},
        services=service_names(),
        roles=frozenset(ROLES),
        letters={f"{key}.docx": content for (kind, key), content in contents.items() if _is_template(kind, key)},
        letter_index=contents.get(("letter", LETTER_INDEX)),
    )
    errors = [finding for finding in findings if finding.severity == ERROR]
    if errors:
        first = errors[0]
        place = f"“{first.element_name or first.element_id}”" if first.element_id else ""
        raise PublishError(f"不能发布，共{len(errors)}处错误。{first.file}{place}：{first.sentence}")


def _replaced(connection: Connection, versions: Iterable[tuple[str, str, int]]) -> dict[str, bytes]:
    """The forms that a publication gave a new version, as they were."""
    before = [(key, number - 1) for kind, key, number in versions if kind == "form" and number > 1]
    rows = connection.execute(
        select(definition.c.key, definition.c.content).where(
            definition.c.kind == "form", tuple_(definition.c.key, definition.c.number).in_(before)
        )
    )
    return {row.key: row.content for row in rows}


def _is_template(kind: str, key: str) -> bool:
    return kind == "letter" and key != LETTER_INDEX


def _catalogue(connection: Connection) -> dict[tuple[str, str], Any]:
    newest = (
        select(definition.c.kind, definition.c.key, func.max(definition.c.number).label("number"))
        .group_by(definition.c.kind, definition.c.key)
        .subquery()
    )
    rows = connection.execute(
        select(definition.c.id, definition.c.kind, definition.c.key, definition.c.sha256, definition.c.content).join(
            newest,
            (definition.c.kind == newest.c.kind)
            & (definition.c.key == newest.c.key)
            & (definition.c.number == newest.c.number),
        )
    )
    return {(row.kind, row.key): row for row in rows}


def closure(process_key: str, contents: Mapping[tuple[str, str], bytes]) -> set[tuple[str, str]]:
    """`(kind, key)` of everything that `process_key` can reach: called processes, tables, forms, letters.

    Raises: PublishError, naming the first part that is not in `contents`.
    """
    reached: set[tuple[str, str]] = set()
    waiting = [("process", process_key)]
    while waiting:
        part = waiting.pop()
        if part in reached:
            continue
        if part not in contents:
            raise PublishError(f"流程“{process_key}”用到的{_KIND_LABELS[part[0]]}“{part[1]}”不存在，请先补上")
        reached.add(part)
        if part[0] == "process":
            process = read_process(contents[part], part[1])
            for node in process.nodes.values():
                waiting.extend(_references(node))
    return reached


_KIND_LABELS = {"process": "流程", "table": "决策表", "form": "表单", "letter": "文书模板"}


def _references(node: Node) -> Iterator[tuple[str, str]]:
    if node.called:
        yield "process", node.called
    if node.decision:
        yield "table", node.decision
    if node.task:
        yield "form", node.task.form
    if "clock(" in node.timer or node.limits or (node.limit and not node.limit.startswith("=")):
        yield "table", LIMITS_TABLE
        yield "table", RULE_SETS_TABLE
    if node.handler == "letters.issue":
        for binding in node.inputs:
            if binding.name == "template":
                yield "letter", str(compile_expression(binding.value).evaluate({}))
        yield "letter", LETTER_INDEX


def _pin(
    connection: Connection,
    process_key: str,
    catalogue: Mapping[tuple[str, str], Any],
    *,
    effective_on: date,
    now: datetime,
) -> int:
    parts = sorted(closure(process_key, {part: row.content for part, row in catalogue.items()}))
    digest = hashlib.sha256("\n".join(f"{k} {key} {catalogue[k, key].sha256}" for k, key in parts).encode()).hexdigest()
    newest = connection.execute(
        select(release.c.number, release.c.closure_sha256)
        .where(release.c.process == process_key)
        .order_by(release.c.number.desc())
        .limit(1)
    ).first()
    if newest and newest.closure_sha256 == digest:
        return 0
    number = newest.number + 1 if newest else 1
    release_id = connection.execute(
        insert(release)
        .values(
            process=process_key,
            number=number,
            closure_sha256=digest,
            effective_on=effective_on,
            published_at=now,
        )
        .returning(release.c.id)
    ).scalar_one()
    connection.execute(
        insert(release_part),
        [{"release_id": release_id, "definition_id": catalogue[part].id} for part in parts],
    )
    return number
