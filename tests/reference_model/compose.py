"""Price routed and migrating strategies from the strategies that they name."""

from __future__ import annotations

import numpy as np

from tests.reference_model.costs import PlainCosts
from tests.reference_model.items import Items, add, add_all
from tests.reference_model.migration import timeline


class RoutedCosts:
    """Use of part i at w_i V_t, everything else of the parts in full, the strategy's own items on top."""

    def __init__(self, strategy, world, parts: dict[str, PlainCosts]):
        self.world = world
        self.name = strategy.name
        self.parts = {name: parts[name] for name in strategy.route}
        self.trained = tuple(name for part in self.parts.values() for name in part.trained)
        self.items = Items(strategy.costs, world)
        self.shares = _shares(strategy.route, world)

    def upfront(self, t: int) -> dict:
        """Return the upfront items of the parts and its own as they are paid in month t."""
        paid = self.items.upfront(t)
        for part in self.parts.values():
            add_all(paid, part.upfront(t))
        return paid

    def first_runs(self, t: int) -> dict:
        """Return one training run of each part in month t."""
        paid: dict = {}
        for part in self.parts.values():
            add_all(paid, part.first_runs(t))
        return paid

    def running(self, t: int, clocks: dict) -> dict:
        """Return the running cash of month t."""
        volume = self.world.volume[t - 1]
        paid = own_items(self.items, t, volume)
        for name, part in self.parts.items():
            add_all(paid, part.running(t, clocks, self.shares[name] * volume))
        return paid


class MigratingCosts:
    """The strategy in use is paid in full; a step pays its own costs and the upfront ones of the next."""

    def __init__(self, strategy, world, books: dict, plans: dict):
        self.world = world
        self.name = strategy.name
        self.strategy = strategy
        self.items = Items(strategy.costs, world)
        names = (strategy.start_with, *(step.migrate_to for step in strategy.then))
        self.books = {name: books[name] for name in names}
        self.trained = self.books[strategy.start_with].trained
        self.timeline = timeline(strategy, world, self.books, plans)

    def upfront(self, t: int) -> dict:
        """Return the upfront items of the strategy it starts with, and its own."""
        paid = self.items.upfront(t)
        add_all(paid, self.books[self.strategy.start_with].upfront(t))
        return paid

    def first_runs(self, t: int) -> dict:
        """Return one training run of the strategy it starts with."""
        return self.books[self.strategy.start_with].first_runs(t)

    def running(self, t: int, clocks: dict) -> dict:
        """Return the running cash of month t; the clocks are its own, not those of plain use."""
        paid = own_items(self.items, t, self.world.volume[t - 1])
        for name, book in self.books.items():
            in_use = self.timeline.in_use(name, t)
            if in_use.any():
                add_all(paid, book.running(t, clocks | self.timeline.clocks), in_use.astype(float))
        used = {self.strategy.start_with}
        for step, decided in zip(self.strategy.then, self.timeline.decided, strict=True):
            now = decided == t
            if now.any():
                add_all(paid, self._step(step, t, new=step.migrate_to not in used), now.astype(float))
            used.add(step.migrate_to)
        return paid

    def _step(self, step, t: int, new: bool) -> dict:
        """Return the cost and hours of a step taken in month t and the upfront costs of what it leads to."""
        world = self.world
        paid: dict = {}
        if step.cost is not None:
            add(paid, "other", world.once(step.cost) * world.inflation[t - 1])
        if step.hours is not None:
            add(paid, "labor", world.once(step.hours) * world.wage(step.role, t))
        book = self.books[step.migrate_to]
        add_all(paid, book.first_runs(t))
        if new:
            add_all(paid, book.upfront(t))
        return paid


def own_items(items: Items, t: int, volume) -> dict:
    """Return what the items of a routed or migrating strategy itself cost in month t."""
    paid = items.regular(t)
    add_all(paid, items.per_request(t), volume)
    return paid


def training_runs(book, clocks: dict, t: int, size: int) -> np.ndarray:
    """Return (lifetime) the number of training runs that a strategy pays in month t."""
    count = np.full(size, len(book.trained) if t == 1 else 0)
    own = clocks
    if isinstance(book, MigratingCosts):
        own = book.timeline.clocks
        for step, decided in zip(book.strategy.then, book.timeline.decided, strict=True):
            count += (decided == t) * len(book.books[step.migrate_to].trained)
        names = tuple(own)
    else:
        names = book.trained
    for name in names:
        if own[name].runs[t - 1] is not None:
            count += own[name].runs[t - 1]
    return count


def _shares(route: dict, world) -> dict:
    """Return w_i of each part; named shares are scaled if they pass 1, "rest" is what is left."""
    named = {name: world.once(share) for name, share in route.items() if share is not None}
    total = sum(named.values())
    scale = 1.0 / np.maximum(total, 1.0)
    shares = {name: value * scale for name, value in named.items()}
    return {name: shares.get(name, np.maximum(1.0 - total, 0.0)) for name in route}
