"""Simulate lifetimes of a plan in NumPy, from the model's description and nothing else."""

from __future__ import annotations

import numpy as np

from tests.reference_model.compose import MigratingCosts, RoutedCosts, training_runs
from tests.reference_model.costs import PlainCosts
from tests.reference_model.draws import AddressedDraws
from tests.reference_model.money import COMPONENTS, Result
from tests.reference_model.training import Clock, clock
from tests.reference_model.world import World


def simulate(plan, lifetimes, seed: int) -> Result:
    """Simulate the numbered `lifetimes` of `plan`.

    Parameters
    ----------
    plan
        A plan as `simulator.plan` reads it.
    lifetimes
        (lifetime) numbers of the lifetimes, int64.
    seed
        64-bit seed.
    """
    lifetimes = np.asarray(lifetimes, dtype=np.int64)
    return result_of(plan, World(plan, AddressedDraws(plan, lifetimes, seed)), lifetimes)


def result_of(plan, world: World, lifetimes: np.ndarray) -> Result:
    """Return the ledger of every compared strategy in `world`."""
    books, clocks = keep_books(plan, world)
    names = compared(plan)
    horizon, size = world.horizon, world.size
    running = np.zeros((len(names), len(COMPONENTS), horizon, size))
    upfront = np.zeros((len(names), len(COMPONENTS), size))
    runs = np.zeros((len(names), horizon, size), dtype=np.int64)
    for s, name in enumerate(names):
        for component, amount in paid_upfront(books[name]).items():
            upfront[s, COMPONENTS.index(component)] = amount
        for t in range(1, horizon + 1):
            for component, amount in books[name].running(t, clocks).items():
                running[s, COMPONENTS.index(component), t - 1] = amount
            runs[s, t - 1] = training_runs(books[name], clocks, t, size)
    migrating = {name: book for name, book in books.items() if isinstance(book, MigratingCosts)}
    return Result(
        plan=plan,
        lifetimes=lifetimes,
        strategies=names,
        requests=world.volume.T,
        price_level={name: level.T for name, level in world.levels.items()},
        happens={name: happens.T for name, happens in world.happens.items()},
        running=np.moveaxis(running, -1, 0),
        upfront=np.moveaxis(upfront, -1, 0),
        training_runs=np.moveaxis(runs, -1, 0),
        discount=np.broadcast_to(world.once(plan.finance.discount), (size,)),
        failure_share={
            name: np.stack(
                [np.broadcast_to(book.failures.share(a), (size,)) for a in clocks[name].since], axis=1
            )
            for name, book in books.items()
            if isinstance(book, PlainCosts)
        },
        stage={name: book.timeline.stage.T for name, book in migrating.items()},
        decided={name: np.stack(book.timeline.decided, axis=1) for name, book in migrating.items()},
        route_share={
            name: {part: np.broadcast_to(w, (size,)) for part, w in book.shares.items()}
            for name, book in books.items()
            if isinstance(book, RoutedCosts)
        },
        inputs=world.draws.inputs(),
    )


def compared(plan) -> tuple[str, ...]:
    """Return the names of the strategies that are no parts, in file order."""
    return tuple(name for name, strategy in plan.strategies.items() if not strategy.part)


def paid_upfront(book) -> dict:
    """Return what a strategy pays upfront in month 1, its first training runs among it."""
    paid = dict(book.upfront(1))
    for component, amount in book.first_runs(1).items():
        paid[component] = paid.get(component, 0.0) + amount
    return paid


def keep_books(plan, world: World) -> tuple[dict, dict[str, Clock]]:
    """Return the costs of every strategy by name, and the clocks of the plain ones."""
    strategies = plan.strategies
    routed = {name: s for name, s in strategies.items() if hasattr(s, "route")}
    migrating = {name: s for name, s in strategies.items() if hasattr(s, "start_with")}
    plain = {name: s for name, s in strategies.items() if name not in routed and name not in migrating}
    books: dict = {name: PlainCosts(strategy, world) for name, strategy in plain.items()}
    clocks = {name: clock(strategy, world) for name, strategy in plain.items()}
    for name, strategy in routed.items():
        books[name] = RoutedCosts(strategy, world, books)
    for name, strategy in migrating.items():
        books[name] = MigratingCosts(strategy, world, books, plain)
    return books, clocks
