"""Price the cost items of a strategy."""

from __future__ import annotations

HOURS_A_MONTH = 730.0
_EVERY_MONTH = {"h": HOURS_A_MONTH, "day": HOURS_A_MONTH / 24.0, "month": 1.0}
_EVERY_SO_MANY_MONTHS = {"quarter": 3, "year": 12}
_PER_REQUEST = {"req": 1.0, "kreq": 1e-3}


class Items:
    """The items of one strategy; every method returns amounts [USD] by component."""

    def __init__(self, costs: dict, world):
        self.world = world
        self.items = [_Item(item, world) for item in costs.values()]

    def upfront(self, t: int) -> dict:
        """Return the upfront items as they are paid in month t."""
        return self._sum(t, lambda item: item.cadence == "upfront" and item.on is None)

    def regular(self, t: int) -> dict:
        """Return what month t costs whatever is asked: cadences of time, and items at an event."""
        paid = self._sum(t, lambda item: item.on is None and item.falls_in(t))
        for item in self.items:
            if item.on is not None:
                add(paid, item.component, item.amount(t) * self.world.happens[item.on][t - 1].astype(float))
        return paid

    def run(self, t: int) -> dict:
        """Return the items of one training run in month t."""
        return self._sum(t, lambda item: item.cadence == "run")

    def per_request(self, t: int) -> dict:
        """Return the items of one request in month t."""
        return self._sum(t, lambda item: item.cadence in _PER_REQUEST)

    def _sum(self, t: int, chosen) -> dict:
        paid: dict = {}
        for item in self.items:
            if chosen(item):
                add(paid, item.component, item.amount(t))
        return paid


class _Item:
    """One item: amount x growth (inflation for money) x noise x wage x how often a month it falls due."""

    def __init__(self, item, world):
        self.world = world
        self.cadence, self.on, self.role = item.cadence, item.on, item.role
        self.component = "labor" if item.kind == "hours" else "other"
        factor = _EVERY_MONTH.get(item.cadence, 1.0) * _PER_REQUEST.get(item.cadence, 1.0)
        self.drawn = world.once(item.quantity) * factor
        self.monthly = []
        if item.growth is not None:
            self.monthly.append(world.growth(item.growth))
        elif item.kind == "money":
            self.monthly.append(world.inflation)
        if item.varies is not None:
            self.monthly.append(world.noise(item.varies, f"{item.name}:varies"))

    def falls_in(self, t: int) -> bool:
        if self.cadence in _EVERY_SO_MANY_MONTHS:
            return (t - 1) % _EVERY_SO_MANY_MONTHS[self.cadence] == 0
        return self.cadence in _EVERY_MONTH

    def amount(self, t: int):
        amount = self.drawn
        for factors in self.monthly:
            amount = amount * factors[t - 1]
        return amount * self.world.wage(self.role, t) if self.component == "labor" else amount


def add(paid: dict, component: str, amount) -> None:
    """Add `amount` to a component; arrays that others may hold are never changed."""
    paid[component] = paid[component] + amount if component in paid else amount


def add_all(paid: dict, amounts: dict, factor=None) -> None:
    """Add every component of `amounts`, times `factor` if there is one."""
    for component, amount in amounts.items():
        add(paid, component, amount if factor is None else amount * factor)
