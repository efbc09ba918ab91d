"""The blueprint of the handbook; apart from its routes, so that they can stand in several modules."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("handbook", __name__, url_prefix="/help")
