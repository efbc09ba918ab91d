"""The submit that is followed: a training plan, sent back by the office, is sent in again.

Its form asks for everything that a form can ask for: two lists out of the database, files that may be named, rows of a
table.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from tests.road.trace import Tracer
from tests.support.answers import plan_form
from tests.support.bureau import Bureau, prepared_sqlite
from tests.support.cases import decide, start_training
from tests.support.office import Office

APPLICANT, OFFICE = "chen.jing", "wang.jianguo"


def follow_submit() -> Tracer:
    """The road of the second such submit: the first finds nothing in memory and would also read diagrams."""
    with tempfile.TemporaryDirectory(prefix="banli-road-") as name:
        folder = Path(name)
        bureau = Bureau(f"sqlite:///{prepared_sqlite(folder / 'bureau.sqlite')}")
        try:
            office = Office(bureau, folder)
            _submit(office)
            return _submit(office)
        finally:
            bureau.close()


def _submit(office: Office) -> Tracer:
    bureau = office.bureau
    case = start_training(bureau)
    decide(bureau, case, OFFICE, "return", "请补充")
    task_id = bureau.open_task(case).id
    browser = office.browser(APPLICANT)
    fields = {"csrf_token": browser.token(), **plan_form()}
    address = f"/tasks/{task_id}/complete"
    with Tracer(_view(office.app, address)).following() as tracer:
        answer = browser.client.post(address, data=fields)
    if answer.headers.get("Location") != f"/tasks/{task_id}/done":
        raise AssertionError(f"not submitted: {answer.status} {answer.get_data(as_text=True)[:2000]}")
    return tracer


def _view(app: Flask, address: str) -> Callable[..., object]:
    endpoint, _ = app.url_map.bind("").match(address, method="POST")
    return app.view_functions[endpoint]
