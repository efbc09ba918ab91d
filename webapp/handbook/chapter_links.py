"""Addresses of chapters, and the one that belongs to the page being shown."""

from __future__ import annotations

from flask import request, url_for

from webapp.extensions import actor_or_none
from webapp.handbook.chapter_of_page import CHAPTER_OF
from webapp.handbook.contents import SIGN_IN


def address_of(chapter: str) -> str:
    """The page of a chapter."""
    return url_for("handbook.sign_in") if chapter == SIGN_IN else url_for("handbook.chapter", name=chapter)


def help_address() -> str:
    """The chapter on the page being shown; the contents where there is none, such as for a mistyped address."""
    if actor_or_none() is None:
        return address_of(SIGN_IN)
    chapter = CHAPTER_OF.get(request.endpoint or "")
    return address_of(chapter) if chapter else url_for("handbook.contents")
