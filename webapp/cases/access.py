"""Who may call which endpoint of this area; `handlers.cases.case_file.visible` decides which cases a person sees."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.form_endpoints import ACTION, START, START_LINKED
from webapp.permission import SIGNED_IN, Permission

PERMISSIONS: Mapping[str, Permission] = {
    "cases.index": SIGNED_IN,
    "cases.show": SIGNED_IN,
    "cases.diagram": SIGNED_IN,
    "cases.limit": SIGNED_IN,
    "cases.letters": SIGNED_IN,
    "cases.letter": SIGNED_IN,
    "cases.note": SIGNED_IN,
    "cases.personal": SIGNED_IN,
    "cases.correct_choose": SIGNED_IN,
    "cases.correct": SIGNED_IN,
    "cases.delivery": SIGNED_IN,
    "cases.new_choose": SIGNED_IN,
    **START.permissions(SIGNED_IN),
    **START_LINKED.permissions(SIGNED_IN),
    **ACTION.permissions(SIGNED_IN),
    "cases.suspend": "cases.steer",
    "cases.resume": "cases.steer",
    "cases.cancel": "cases.steer",
    "cases.assign": "cases.steer",
    "cases.retry": "cases.repair",
    "cases.give_back": "cases.repair",
}
