"""The check before publication: schema, whitelist, and rules of our own, each with a sentence on what to do.

`check_bundle` is pure: bytes in, findings out. `check_paths` adds the shipped set around the files it is given.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from processes.engine.check import (
    calls,
    decisions,
    desks,
    echoes,
    editors,
    event_rules,
    feel_conditions,
    flows,
    form_rules,
    gateways,
    lanes,
    lengths,
    limit_codes,
    linked_rules,
    papers,
    reliance_rules,
    report,
    runnable,
    structure,
    token_game,
    variable_rules,
    xsd,
)
from processes.engine.check import letters as letter_rules
from processes.engine.check.bundle import Bundle
from processes.engine.check.finding import ERROR, Finding
from processes.engine.check.shipped import gather

__all__ = ["Finding", "check_bundle", "check_paths", "main"]

_DIAGRAM_RULES = (
    structure,
    flows,
    token_game,
    gateways,
    lanes,
    desks,
    variable_rules,
    feel_conditions,
    event_rules,
    editors,
    echoes,
    limit_codes,
    calls,
    linked_rules,
    papers,
    lengths,
)


def check_bundle(
    files: Mapping[str, bytes],
    *,
    forms: Mapping[str, bytes] | None,
    services: frozenset[str],
    roles: frozenset[str],
    letters: Mapping[str, bytes | None] | None = None,
    letter_index: bytes | None = None,
) -> list[Finding]:
    """Everything that is wrong with a set of diagrams, tables and forms; without errors, all of it can run.

    `files` maps paths to contents. `forms` maps form keys or paths to contents; None leaves the forms of tasks
    unexamined. `letters` maps paths or names of the letter templates to contents; None leaves them unexamined, None as
    a content only that one.
    `letter_index` is the content of `letters.yaml`, if there is one.
    """
    names = None if letters is None else frozenset(PurePosixPath(path).name.removesuffix(".docx") for path in letters)
    bundle = Bundle(services, roles, names, forms=None if forms is None else {})
    every = dict(files)
    for name, data in (forms or {}).items():
        every[name if name.endswith(".form") else f"{name}.form"] = data
    findings = [finding for path, data in every.items() for finding in bundle.load(path, data)]
    findings += [finding for path, data in bundle.sources.items() for finding in _schema(path, data)]
    for diagram in bundle.diagrams.values():
        for rules in _DIAGRAM_RULES:
            findings += rules.check(diagram, bundle)
    for path, table in bundle.tables.values():
        findings += decisions.check(path, table, bundle)
        findings += lengths.check_table(path, table, bundle)
    findings += form_rules.check(bundle)
    findings += reliance_rules.check(bundle)
    findings += lengths.check_names(bundle)
    findings += papers.check_index(letter_index)
    # Where a form or diagram cannot be read, what is missing there would look like a slip in a letter.
    if forms is not None and not bundle.broken:
        findings += letter_rules.check(letters or {}, letter_index, bundle)
    if not any(finding.is_error for finding in findings):
        findings += runnable.check(bundle)
    return _once(findings)


def check_paths(paths: Sequence[str]) -> tuple[list[Finding], int]:
    """Findings for the named files among the shipped set, and how many files were looked at. No names: the whole set.

    A named file takes the place of the shipped one of the same name. Notices on files not named are left out.
    """
    gathered = gather(paths)
    findings = [Finding(path, "", "", "unreadable", ERROR, sentence) for path, sentence in gathered.unreadable.items()]
    findings += check_bundle(
        gathered.files,
        forms={},
        services=gathered.services,
        roles=gathered.roles,
        letters=gathered.letters,
        letter_index=gathered.letter_index,
    )
    if gathered.named:
        findings = [finding for finding in findings if finding.is_error or finding.file in gathered.named]
    return findings, len(gathered.named or [*gathered.files, *gathered.letters]) + len(gathered.unreadable)


def main(paths: Sequence[str], as_json: bool) -> int:
    """Print the findings; 0 only if everything can really run."""
    findings, checked = check_paths(paths)
    text = report.as_json(findings, checked) if as_json else report.as_text(findings, checked)
    sys.stdout.write(text + "\n")
    return 1 if any(finding.is_error for finding in findings) else 0


def _schema(path: str, data: bytes) -> Sequence[Finding]:
    return xsd.check(path, data) if path.endswith((".bpmn", ".dmn")) else ()


def _once(findings: Sequence[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))
