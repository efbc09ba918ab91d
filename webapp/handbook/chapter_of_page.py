"""Every page of the product and the chapter that explains it."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.handbook.contents import SIGN_IN

CHAPTERS: Mapping[str, tuple[str, ...]] = {
    SIGN_IN: ("auth.login", "auth.logout", "auth.password"),
    "inbox": ("inbox.index",),
    "task": (
        "inbox.task",
        "inbox.done",
        "inbox.complete",
        "inbox.claim",
        "inbox.release",
        "inbox.save_draft",
        "inbox.drop_draft",
    ),
    "new-case": ("cases.new_choose", "cases.new", "cases.start", "cases.save_draft", "cases.drop_draft"),
    "cases": ("cases.index",),
    "case": ("cases.show",),
    "linked": (
        "cases.open_linked",
        "cases.start_linked",
        "cases.save_linked_draft",
        "cases.drop_linked_draft",
        "cases.action",
        "cases.act",
        "cases.save_action_draft",
        "cases.drop_action_draft",
    ),
    "notes": ("cases.note", "cases.correct_choose", "cases.correct"),
    "letters": ("cases.delivery", "cases.letter"),
    "personal": ("cases.personal", "admin.disclosures", "files.download"),
    "limits": ("cases.limit",),
    "steering": ("cases.suspend", "cases.resume", "cases.cancel", "cases.assign"),
    "repair": ("cases.retry", "cases.give_back"),
    "register": ("register.index", "register.export"),
    "importing": (
        "register.imports",
        "register.check_file",
        "register.import_run",
        "register.start_import",
        "register.rejects",
        "register.source",
        "register.save_source",
    ),
    "substitutes": ("admin.substitutions", "admin.revoke_substitution"),
    "people": (
        "admin.people",
        "admin.new_person",
        "admin.person",
        "admin.disable",
        "admin.enable",
        "admin.unlock",
        "admin.reset_password",
        "admin.departments",
    ),
    "holidays": (
        "admin.holidays",
        "admin.check_notice",
        "admin.import_notice",
        "admin.set_day",
        "admin.unset_day",
    ),
    "bureau": ("admin.profile",),
}
"""Chapter to the endpoints whose page it explains; those that only act show one when they refuse."""

CHAPTER_OF: Mapping[str, str] = {endpoint: chapter for chapter, endpoints in CHAPTERS.items() for endpoint in endpoints}

NO_PAGE = frozenset(
    {
        "static",
        "health",
        "home",
        "cases.diagram",
        "cases.letters",
        "register.import_state",
        "handbook.contents",
        "handbook.search",
        "handbook.chapter",
        "handbook.sign_in",
    }
)
"""Endpoints without a page that wants explaining: data, parts of a page, and the handbook itself."""
