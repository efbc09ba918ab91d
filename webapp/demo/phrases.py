"""What people of the demo bureau write into texts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from forms.model import Field
from webapp.demo.mail import words

OTHERWISE = "其他"

_FORMATS: Mapping[str, Callable[[random.Random], str]] = {
    "phone": lambda chance: f"022-6500{chance.randint(0, 9999):04d}",
    "platform_number": lambda chance: f"1{chance.randint(10**13, 10**14 - 1)}",
}


def phrase(field: Field, chance: random.Random) -> str:
    """A sentence or number that fits the field."""
    if field.format in _FORMATS and field.key not in words()["phrases"]:
        return _FORMATS[field.format](chance)
    phrases = words()["phrases"]
    return str(chance.choice(phrases.get(field.key) or phrases[OTHERWISE]))[: field.max_length]
