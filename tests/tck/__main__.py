"""Runs a checkout of the kit: `python -m tests.tck path/to/checkout [--wrong] [--refused] [--only PART]`.

A case is one wanted result of one test. Passed: the value is the one wanted, null included. Refused: the reader names
the construct that it does not take. Wrong: everything else. The exit code is 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from forms.feel import FeelError
from tests.tck import values, xml
from tests.tck.model import Model

LEVELS = ("compliance-level-2", "compliance-level-3", "non-compliant")
WORDS = ("passed", "refused", "wrong")


@dataclass(frozen=True)
class Outcome:
    level: str
    folder: str
    case: str
    kind: str
    word: str
    said: str


def outcomes(suite: Path) -> Iterator[Outcome]:
    for level in LEVELS:
        for folder in sorted(path for path in (suite / "TestCases" / level).glob("*") if path.is_dir()):
            for file in sorted(folder.glob("*.xml")):
                yield from of_file(level, folder, file)


def of_file(level: str, folder: Path, file: Path) -> Iterator[Outcome]:
    tests = xml.parse(str(file))
    named = xml.first(tests, "modelName")
    model = Model(str(folder / (named.text or "").strip())) if named is not None else None
    for test in xml.below(tests, "testCase"):
        given = {node.get("name"): values.read(node) for node in xml.below(test, "inputNode")}
        for wanted in xml.below(test, "resultNode"):
            decision = model.decisions.get(wanted.get("name")) if model else None
            case = f"{test.get('id')} {wanted.get('name')}"
            if model is not None and decision is not None:
                kind, word, said = judged(model, decision, given, wanted, test.get("invocableName"))
                yield Outcome(level, folder.name, case, kind, word, said)
            else:
                yield Outcome(level, folder.name, case, "other", "left out", "no decision of this model")


def judged(
    model: Model, decision: etree._Element, given: dict[str, Any], wanted: etree._Element, service: str | None
) -> tuple[str, str, str]:
    """(literal, table or other; the word; what was said)."""
    literal = xml.first(decision, "literalExpression")
    expected = xml.first(wanted, "expected")
    right = None if expected is None or wanted.get("errorResult") == "true" else values.read(expected)
    if literal is not None:
        if model.needs_others(decision):
            return "literal", "left out", "needs other decisions"
        text = xml.text_of(literal)
        return "literal", *compared(lambda: model.literal(decision, text, given, service), right, text)
    if model.is_decidable(decision):
        return "table", *compared(lambda: model.table(decision, given), right, "")
    is_table = xml.first(decision, "decisionTable") is not None
    return "table" if is_table else "other", "left out", "needs functions of the model, or is another form"


def compared(evaluate: Any, right: Any, text: str) -> tuple[str, str]:
    try:
        result = evaluate()
    except FeelError as error:
        named = error.construct and error.construct.removesuffix("()") in " ".join(text.split())
        return "refused" if named else "wrong", f"{text.strip()} -> {error}"
    except Exception as error:  # noqa: BLE001 - any other exception is a fault of ours, and counted as one
        return "wrong", f"{text.strip()} -> {error!r}"
    return "passed" if values.same(right, result) else "wrong", f"{text.strip()} -> {result!r}, wanted {right!r}"


def report(found: list[Outcome]) -> int:
    for kind in ("literal", "table"):
        by_level: dict[str, Counter[str]] = defaultdict(Counter)
        by_folder: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for outcome in found:
            if outcome.kind == kind:
                by_level[outcome.level][outcome.word] += 1
                by_folder[outcome.level, outcome.folder][outcome.word] += 1
        print(f"{kind}: {'folder':<48}" + "".join(f"{word:>9}" for word in (*WORDS, "left out")))
        for (level, folder), counts in by_folder.items():
            print(f"  {level[-1:]} {folder:<52}" + _row(counts))
        for level, counts in by_level.items():
            print(f"  {level:<54}" + _row(counts))
        print(f"  {'all':<54}" + _row(sum(by_level.values(), Counter())))
    return sum(outcome.word == "wrong" for outcome in found)


def _row(counts: Counter[str]) -> str:
    return "".join(f"{counts[word]:>9}" for word in (*WORDS, "left out"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make tck")
    parser.add_argument("suite", type=Path, help="a checkout of the public repository dmn-tck/tck")
    parser.add_argument("--wrong", action="store_true", help="print every wrong case")
    parser.add_argument("--refused", action="store_true", help="print every refused case")
    parser.add_argument("--only", default="", help="only folders with this in their name")
    options = parser.parse_args()
    if not (options.suite / "TestCases").is_dir():
        parser.error(f"{options.suite} has no folder TestCases: give a checkout of dmn-tck/tck")
    found = [outcome for outcome in outcomes(options.suite) if options.only in outcome.folder]
    for outcome in found:
        if (outcome.word == "wrong" and options.wrong) or (outcome.word == "refused" and options.refused):
            print(f"{outcome.word}: {outcome.folder} {outcome.case}: {outcome.said}")
    return 1 if report(found) else 0


if __name__ == "__main__":
    sys.exit(main())
