"""How much somebody may send: little before a sign-in, a long form after it; refused before it is parsed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from handlers.people.actors import Actor


class SentTooMuch(RequestEntityTooLarge):
    """More than this person may send; the description is a Chinese sentence on what to do."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one request. `body_bytes`: of all that is sent; None: what the settings allow for uploads."""

    body_bytes: int | None
    fields: int
    too_much: str


STRANGER = Bounds(64 * 1024, 20, "登录前提交的内容过多，没有收到。请打开登录页，只填写用户名和密码。")
SIGNED_IN = Bounds(None, 1000, "这次提交的栏目过多，没有收到。请减少行数，分几次提交。")
_URLENCODED = "application/x-www-form-urlencoded"


def bound_request(actor: Actor | None) -> None:
    """Hold this request to what `actor` (None: nobody signed in) may send; more is answered with 413.

    The parts of a form with files are counted by its parser, which stops at the first too many.
    """
    bounds = STRANGER if actor is None else SIGNED_IN
    request.max_form_parts = bounds.fields
    if bounds.body_bytes is not None:
        request.max_content_length = min(bounds.body_bytes, request.max_content_length or bounds.body_bytes)
        if (request.content_length or 0) > bounds.body_bytes:
            raise SentTooMuch(bounds.too_much)
    if request.mimetype == _URLENCODED and _has_more_fields_than(bounds.fields):
        raise SentTooMuch(bounds.too_much)


def _has_more_fields_than(number: int) -> bool:
    """Counts without parsing; a body larger than a form may be is not even read."""
    if (request.content_length or 0) > (request.max_form_memory_size or 0):
        raise RequestEntityTooLarge
    return request.get_data(cache=True).count(b"&") >= number
