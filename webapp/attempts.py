"""How often one address may try to sign in. Counted in each web process for itself."""

from __future__ import annotations

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests


class Attempts:
    """Counts by address. `rule` is such as `60/minute`; empty for no limit. Raises ValueError for any other text."""

    def __init__(self, rule: str) -> None:
        self._rule = parse(rule) if rule else None
        self._counts = FixedWindowRateLimiter(MemoryStorage())

    def count(self, address: str) -> None:
        """One more attempt. Raises TooManyRequests where it is one too many."""
        if self._rule and not self._counts.hit(self._rule, address):
            raise TooManyRequests(retry_after=self._rule.get_expiry())
