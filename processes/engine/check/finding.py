"""What the check says: one finding per thing that is wrong, with its place and a sentence on what to do."""

from __future__ import annotations

from dataclasses import dataclass

ERROR = "error"
NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` names the rule, `sentence` says in Chinese what is wrong and what to do. An error stops publication."""

    file: str
    element_id: str
    element_name: str
    code: str
    severity: str
    sentence: str

    @property
    def is_error(self) -> bool:
        """Whether the diagram cannot run, or must not run, as it is."""
        return self.severity == ERROR
