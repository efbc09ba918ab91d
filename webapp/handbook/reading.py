"""The contents, a chapter, and the search."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.people.profiles import load_profile
from webapp.extensions import services
from webapp.handbook.area import blueprint
from webapp.handbook.chapter_links import address_of
from webapp.handbook.chapters import Chapter, read_all
from webapp.handbook.contents import ORDER, PARTS, READERS, SIGN_IN
from webapp.handbook.searching import search as search_in


@blueprint.get("")
def contents() -> ResponseReturnValue:
    """Where to begin, for each kind of reader, and all chapters."""
    return _shown("contents", parts=PARTS, readers=READERS)


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """The sections that say what was looked for."""
    asked = request.args.get("q", "").strip()[:100]
    return _shown("search", asked=asked, hits=search_in(_chapters().values(), asked))


@blueprint.get("/<name>")
def chapter(name: str) -> ResponseReturnValue:
    """One chapter."""
    if name not in ORDER:
        abort(404)
    return _page(name)


@blueprint.get(f"/{SIGN_IN}")
def sign_in() -> ResponseReturnValue:
    """The chapter for people who are not signed in."""
    return _page(SIGN_IN)


def _page(name: str) -> str:
    place = ORDER.index(name)
    return _shown(
        "chapter",
        chapter=_chapters()[name],
        part=next(part for part in PARTS if name in part.chapters),
        before=_chapters()[ORDER[place - 1]] if place else None,
        after=_chapters()[ORDER[place + 1]] if place + 1 < len(ORDER) else None,
    )


def _shown(page: str, **values: object) -> str:
    return render_template(f"handbook/{page}.html", chapters=_chapters(), address_of=address_of, **values)


def _chapters() -> Mapping[str, Chapter]:
    return _read(services().profile.code, url_for("handbook.contents"))


@cache
def _read(profile: str, _mounted_at: str) -> Mapping[str, Chapter]:
    """Read once per bureau and process: the files come with the program and do not change."""
    return read_all(load_profile(profile).worded, address_of)
