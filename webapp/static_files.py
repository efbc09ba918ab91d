"""Addresses of built assets, and the icons."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Flask, Response, url_for
from markupsafe import Markup

DIST = Path(__file__).parent / "static" / "dist"
ICONS = Path(__file__).parent / "assets" / "icons.txt"
ONE_YEAR = 365 * 24 * 3600


@cache
def manifest() -> dict[str, str]:
    """Built file name by its plain name; empty where nothing has been built, as in most tests."""
    path = DIST / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@cache
def icon_names() -> frozenset[str]:
    """Icons that the sprite holds."""
    return frozenset(ICONS.read_text(encoding="utf-8").split())


def asset(name: str) -> str:
    """Address of a built asset such as `main.css`, with its content hash in the file name."""
    return url_for("static", filename=f"dist/{manifest().get(name, name)}")


def icon(name: str, size: str = "") -> Markup:
    """An icon of `webapp/assets/icons.txt`. `size`: sm, md, lg or empty."""
    if name not in icon_names():
        raise ValueError(f"icon {name} is not in webapp/assets/icons.txt")
    classes = f"icon icon-{size}" if size else "icon"
    return Markup('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        classes, asset("icons.svg"), name
    )


def keep(response: Response, filename: str) -> Response:
    """Let browsers keep a built file for ever: its name changes with its content."""
    if filename.removeprefix("dist/") in manifest().values() and response.status_code in (200, 304):
        response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response


def install(app: Flask) -> None:
    """Give templates `asset` and `icon`."""
    app.jinja_env.globals.update(asset=asset, icon=icon)
