"""What people of the demo bureau write into texts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from forms.form_file import Field
from handlers.people.profiles import Profile
from webapp.demo.mail import words

OTHERWISE = "其他"

_FORMATS: Mapping[str, Callable[[random.Random, Profile], str]] = {
    "phone": lambda chance, profile: f"{profile.demo['phone']}{chance.randint(0, 9999):04d}",
    "platform_number": lambda chance, _: f"1{chance.randint(10**13, 10**14 - 1)}",
}


def phrase(field: Field, chance: random.Random, profile: Profile) -> str:
    """A sentence or number that fits the field."""
    phrases = words(profile.code)["phrases"]
    if field.format in _FORMATS and field.key not in phrases:
        return _FORMATS[field.format](chance, profile)
    return str(chance.choice(phrases.get(field.key) or phrases[OTHERWISE]))[: field.max_length]
