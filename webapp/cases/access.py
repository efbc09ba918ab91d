"""Who may call which endpoint of this area; `handlers.cases.case_file.visible` decides which cases a person sees."""

from __future__ import annotations

from collections.abc import Mapping

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
    "cases.new": SIGNED_IN,
    "cases.start": SIGNED_IN,
    "cases.save_draft": SIGNED_IN,
    "cases.drop_draft": SIGNED_IN,
    "cases.open_linked": SIGNED_IN,
    "cases.start_linked": SIGNED_IN,
    "cases.save_linked_draft": SIGNED_IN,
    "cases.drop_linked_draft": SIGNED_IN,
    "cases.action": SIGNED_IN,
    "cases.act": SIGNED_IN,
    "cases.save_action_draft": SIGNED_IN,
    "cases.drop_action_draft": SIGNED_IN,
    "cases.suspend": "cases.steer",
    "cases.resume": "cases.steer",
    "cases.cancel": "cases.steer",
    "cases.assign": "cases.steer",
    "cases.retry": "cases.repair",
    "cases.give_back": "cases.repair",
}
