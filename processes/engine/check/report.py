"""The findings as text for people and as JSON for tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from processes.engine.check.finding import Finding

_MARKS = {"error": "错误", "notice": "提示"}


def as_text(findings: Sequence[Finding], checked: int) -> str:
    """Grouped by file, errors first, what is said of several elements once; closed by one line that sums up."""
    lines = []
    for file in sorted({finding.file for finding in findings}):
        lines.append(file)
        own = sorted((f for f in findings if f.file == file), key=lambda f: (not f.is_error, f.element_id, f.code))
        lines += [f"  {_line(same)}" for same in _alike(own)]
    errors = sum(finding.is_error for finding in findings)
    notices = len(findings) - errors
    if errors:
        lines.append(f"检查了 {checked} 个文件：{errors} 处错误，{notices} 处提示，不能发布")
    else:
        lines.append(f"检查了 {checked} 个文件：没有错误，{notices} 处提示，可以发布")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding], checked: int) -> str:
    """One object: `ok`, `files` (how many), `findings`."""
    errors = any(finding.is_error for finding in findings)
    content = {"ok": not errors, "files": checked, "findings": [asdict(finding) for finding in findings]}
    return json.dumps(content, ensure_ascii=False, indent=2)


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Those with the same sentence together, each group where its first stood."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code, finding.sentence), []).append(finding)
    return list(groups.values())


def _line(same: Sequence[Finding]) -> str:
    first = same[0]
    places = [place for finding in same if (place := _place(finding))]
    many = f"（{len(same)} 处）" if len(same) > 1 else ""
    where = f"{'、'.join(places)}{many}：" if places else ""
    return f"{_MARKS[first.severity]} {where}{first.sentence} [{first.code}]"


def _place(finding: Finding) -> str:
    name = f"「{finding.element_name}」" if finding.element_name else ""
    return f"{name}({finding.element_id})" if finding.element_id else name
