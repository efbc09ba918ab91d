"""One table from endpoint to permission. An endpoint that is not in it stops the start-up."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from flask import Flask, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.people.actors import Actor
from handlers.people.roles import PERMISSIONS as NAMED_PERMISSIONS
from handlers.people.roles import ROLES, has_permission
from webapp.admin.access import PERMISSIONS as ADMIN
from webapp.auth.access import PERMISSIONS as AUTH
from webapp.cases.access import PERMISSIONS as CASES
from webapp.extensions import actor_or_none, csrf
from webapp.files.access import PERMISSIONS as FILES
from webapp.form_endpoints import AUTOSAVES
from webapp.handbook.access import PERMISSIONS as HANDBOOK
from webapp.inbox.access import PERMISSIONS as INBOX
from webapp.permission import PUBLIC, SIGNED_IN, Permission
from webapp.register.access import PERMISSIONS as REGISTER
from webapp.request_bounds import bound_request

_LOOKS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing and carry nothing."""
_OWN: Mapping[str, Permission] = {"static": PUBLIC, "home": SIGNED_IN, "health": PUBLIC}


class AccessTableError(Exception):
    """The table and the application's endpoints do not fit together."""


def merge(*areas: Mapping[str, Permission]) -> dict[str, Permission]:
    """One table from all areas; a permission that does not exist or an endpoint given twice is an error."""
    table: dict[str, Permission] = {}
    for area in areas:
        for endpoint, permission in area.items():
            if endpoint in table:
                raise AccessTableError(f"endpoint {endpoint} has two permissions")
            _check_permission(endpoint, permission)
            table[endpoint] = permission
    return table


def _check_permission(endpoint: str, permission: Permission) -> None:
    if isinstance(permission, frozenset):
        if unknown := permission - ROLES.keys():
            raise AccessTableError(f"endpoint {endpoint} names unknown roles {sorted(unknown)}")
    elif permission not in (PUBLIC, SIGNED_IN) and permission not in NAMED_PERMISSIONS:
        raise AccessTableError(f"endpoint {endpoint} names unknown permission {permission}")


TABLE: Mapping[str, Permission] = merge(_OWN, AUTH, INBOX, CASES, REGISTER, FILES, ADMIN, HANDBOOK)


def allows(permission: Permission, actor: Actor | None) -> bool:
    """Whether `actor` (None: nobody signed in) passes. Standing in for somebody gives tasks, not pages."""
    if permission == PUBLIC:
        return True
    if actor is None:
        return False
    if permission == SIGNED_IN:
        return True
    if isinstance(permission, frozenset):
        return not permission.isdisjoint(actor.roles)
    return has_permission(permission, actor.roles)


def may_visit(endpoint: str, actor: Actor | None) -> bool:
    """For menus: whether a link to `endpoint` would be answered."""
    return allows(TABLE[endpoint], actor)


def protect(app: Flask) -> None:
    """Check that every endpoint has its permission, and ask for the form's token and for it before every request."""
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules()} - TABLE.keys())
    if missing:
        raise AccessTableError(f"endpoints without a permission: {', '.join(missing)}")
    app.before_request(_ask)


def _ask() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None:  # no such page: the 404 below it decides nothing and shows nothing
        return None
    permission = TABLE[endpoint]
    if request.method not in _LOOKS:
        # Who is there is asked before what was sent: the form's token stands in the body.
        if permission != PUBLIC and actor_or_none() is None:
            return to_login()
        bound_request(actor_or_none())
        csrf.protect()
    if permission == PUBLIC:  # a look at it is answered without asking the database who is there
        return None
    actor = actor_or_none()
    if allows(permission, actor):
        return None
    if actor is not None:
        abort(403)
    return to_login()


def to_login() -> ResponseReturnValue:
    """Ask for a sign-in, and come back."""
    if request.headers.get("HX-Request") and request.endpoint in AUTOSAVES:
        # Leaving the page would throw away what was typed since the last draft.
        return make_response(render_template("inbox/_draft_expired.html"), 401)
    # After signing in again people come back to the page they looked at, or to the form that they sent too late.
    if request.method == "GET" and not request.headers.get("HX-Request"):
        target = request.full_path.rstrip("?")
    else:
        target = own_page(request.headers.get("HX-Current-URL") or request.referrer)
        flash("登录已过期，刚才的内容没有提交。请重新登录，已自动保存的草稿会原样恢复。", "warning")
    login = url_for("auth.login") + (f"?next={quote(target)}" if target not in ("", "/") else "")
    if request.headers.get("HX-Request"):
        response = make_response("", 401)
        response.headers["HX-Redirect"] = login
        return response
    return redirect(login)


def own_page(address: str | None) -> str:
    """Path and query of an address of this site, or nothing."""
    try:
        parts = urlsplit(address or "")
    except ValueError:  # such as an unfinished IPv6 host: not an address of ours
        return ""
    if parts.netloc != request.host:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
