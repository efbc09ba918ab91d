"""The functions that a diagram's service tasks may call, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from forms.form_file import FormFile
from handlers.time_source import beijing_date


@dataclass(frozen=True, slots=True)
class HandlerContext:
    """What a service function knows of the case it is called for. Runs inside the command's transaction."""

    connection: Connection
    now: datetime
    instance_id: int
    number: str
    title: str
    release_id: int
    department: str
    started_by: int
    facts: Mapping[str, Any]
    seal_key: bytes
    """Key of the seals on counters and histories."""
    keep: Callable[[Mapping[str, Any]], None]
    """Makes values facts of the case, over those of the same keys. `facts` here stays as it was."""
    form: Callable[[str], FormFile]
    """A form of the case's release by its key, read once for all cases. Raises: KeyError, if the release has none."""

    @property
    def today(self) -> date:
        """Beijing date of `now`."""
        return beijing_date(self.now)


Service = Callable[..., Mapping[str, Any]]

_services: dict[str, Service] = {}


class HandlerRefused(Exception):
    """A service function cannot go on; the text is a Chinese sentence for the person who will mend it."""


def service(name: str) -> Callable[[Service], Service]:
    """Register a function under the name that diagrams use in `banli:handler`."""

    def register(function: Service) -> Service:
        if name in _services:
            raise ValueError(f"two services are called {name}")
        _services[name] = function
        return function

    return register


def find_service(name: str) -> Service:
    """The function registered as `name`. Raises KeyError."""
    return _services[name]


def service_names() -> frozenset[str]:
    """All registered names."""
    return frozenset(_services)
