"""The blueprint of the cases; apart from its routes, so that they can stand in several modules."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cases", __name__)
