"""What the handbook holds: the order of its chapters, and where each kind of reader begins."""

from __future__ import annotations

from dataclasses import dataclass

SIGN_IN = "sign-in"
"""The one chapter that is open to people who are not signed in."""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading of the contents page and the names of the chapters below it."""

    title: str
    chapters: tuple[str, ...]


PARTS = (
    Part("从这里开始", ("for-staff", "for-leaders", "for-owners", "for-administrators", SIGN_IN, "tour")),
    Part("每天的工作", ("inbox", "task", "new-case", "cases", "case", "linked", "notes", "letters", "personal")),
    Part("业务规则", ("complaints", "limits", "other-procedures", "words")),
    Part("台账与导入", ("register", "importing")),
    Part("管理", ("steering", "substitutes", "people", "holidays", "bureau")),
    Part(
        "修改流程",
        ("changing", "expressions", "scenarios", "elements", "odr-levels"),
    ),
    Part(
        "安装与维护",
        ("installing", "several-machines", "settings", "backup", "repair", "history", "known-limits"),
    ),
)

READERS = (
    Part("经办人", ("for-staff", "inbox", "task", "case", "limits", "personal")),
    Part("领导", ("for-leaders", "cases", "case", "steering", "register", "limits")),
    Part("流程负责人", ("for-owners", "changing", "scenarios", "elements", "expressions", "repair")),
    Part("系统管理员", ("for-administrators", "people", "installing", "backup", "repair", "settings")),
)
"""Who reads, and the chapters to begin with. The first of them says in short what the work is."""

ORDER = tuple(name for part in PARTS for name in part.chapters)
"""All chapters, as somebody turns the pages."""
