"""The index of the letters, as its owner may have written it."""

from __future__ import annotations

import pytest

from handlers.letters.index import LetterIndexError, read_index
from handlers.people.roles import ROLES
from processes.engine.check import check_bundle

ENTRY = 'plan: {{title: 培训方案, number_format: "{{number}}号", parameters: [outcome, to]{}}}\n'


@pytest.mark.parametrize(
    ("said", "parameters", "delivered"),
    [
        ("", {}, True),
        (", goes_out: true", {}, True),
        (", goes_out: false", {"to": "某局"}, False),
        (", goes_out: to", {"to": "某局"}, True),
        (", goes_out: to", {"to": ""}, False),
        (", goes_out: to", {}, False),
    ],
)
def test_a_letter_goes_out_unless_the_index_says_otherwise(
    said: str, parameters: dict[str, str], delivered: bool
) -> None:
    assert read_index(ENTRY.format(said).encode())["plan"].is_delivered(parameters) is delivered


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("plan: {title: [", "YAML"),
        ("- plan", "一项对应一个模板"),
        ("plan: 培训方案", "plan.*title"),
        ("plan: {title: 培训方案}", "plan.*number_format"),
        (ENTRY.format(", goes_out: nobody"), "plan.*goes_out"),
        (ENTRY.format(", goes_out: 1"), "plan.*goes_out"),
        (ENTRY.format(", goes_out: [to]"), "plan.*goes_out"),
        ('plan: {title: 方案, number_format: "{number}号", parameters: , goes_out: to}', "plan.*goes_out"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence_also_by_the_check(content: str, words: str) -> None:
    with pytest.raises(LetterIndexError, match=words):
        read_index(content.encode())
    index = content.encode()
    (finding,) = check_bundle({}, forms=None, services=frozenset(), roles=frozenset(ROLES), letter_index=index)
    assert (finding.file, finding.is_error) == ("letters.yaml", True)
