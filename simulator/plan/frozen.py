"""Keep the named tables of a plan in a dictionary that cannot be changed."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

V = TypeVar("V")


class FrozenDict(dict[str, V]):
    """A dictionary in the order of the plan file, which can be hashed, pickled and copied but not changed."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a plan cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type, tuple[dict[str, V]]]:
        # Unpickling a dict sets its items one by one, which this one refuses.
        return FrozenDict, (dict(self),)

    def __copy__(self) -> FrozenDict[V]:
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> FrozenDict[V]:
        # What a plan holds cannot be changed, so there is nothing that a copy would protect.
        return self

    def __repr__(self) -> str:
        return f"FrozenDict({dict(self)!r})"
