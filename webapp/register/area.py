"""The blueprint of the register; apart from its routes, so that they can stand in several modules."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("register", __name__, url_prefix="/register")
