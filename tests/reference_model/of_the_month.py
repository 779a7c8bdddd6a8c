"""Keep what a method returned for the month last asked, because several strategies ask for the same."""

from __future__ import annotations

from functools import wraps


def of_the_month(method):
    """Remember the last month's result of `method(self, t)` or `method(self, key, t)` with the object."""
    slot = f"_kept_{method.__name__}"

    @wraps(method)
    def kept(self, *key_and_month):
        memory = self.__dict__.setdefault(slot, {})
        *key, t = key_and_month
        known = memory.get(tuple(key))
        if known is None or known[0] != t:
            memory[tuple(key)] = known = (t, method(self, *key_and_month))
        return known[1]

    return kept
