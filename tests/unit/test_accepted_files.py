"""Forms and the file store speak of the same kinds of files."""

from __future__ import annotations

from importlib.resources import files

from forms.form_reader import read_form
from handlers.files.file_types import FILE_TYPES
from processes.engine.publishing.publish import shipped_sources


def test_every_kind_of_file_that_a_shipped_form_offers_is_taken_by_the_store() -> None:
    offered = {
        extension.removeprefix(".")
        for source in shipped_sources(files("forms"))
        if source.kind == "form"
        for field in read_form(source.content, f"{source.key}.form").answers().values()
        for extension in field.accept
    }
    assert offered
    assert offered <= set(FILE_TYPES)
