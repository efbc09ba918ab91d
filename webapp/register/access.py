"""Who may call which endpoint of this area. Which letters a person sees is decided by `handlers.cases.case_file`."""

from __future__ import annotations

from collections.abc import Mapping

from processes.importing.registration import PERMISSION
from webapp.permission import SIGNED_IN, Permission

PERMISSIONS: Mapping[str, Permission] = {
    "register.index": SIGNED_IN,
    "register.export": SIGNED_IN,
    "register.imports": PERMISSION,
    "register.check_file": PERMISSION,
    "register.import_run": PERMISSION,
    "register.import_state": PERMISSION,
    "register.start_import": PERMISSION,
    "register.rejects": PERMISSION,
    "register.source": PERMISSION,
    "register.save_source": PERMISSION,
}
