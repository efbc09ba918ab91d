"""Who may call which endpoint of this area."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.permission import SIGNED_IN, Permission

PERMISSIONS: Mapping[str, Permission] = {
    "admin.people": "admin.people",
    "admin.new_person": "admin.people",
    "admin.person": "admin.people",
    "admin.disable": "admin.people",
    "admin.enable": "admin.people",
    "admin.unlock": "admin.people",
    "admin.reset_password": "admin.people",
    "admin.departments": "admin.departments",
    "admin.profile": "admin.profile",
    "admin.disclosures": "admin.disclosures",
    "admin.holidays": "admin.calendar",
    "admin.check_notice": "admin.calendar",
    "admin.import_notice": "admin.calendar",
    "admin.set_day": "admin.calendar",
    "admin.unset_day": "admin.calendar",
    "admin.substitutions": SIGNED_IN,
    "admin.revoke_substitution": SIGNED_IN,
}
