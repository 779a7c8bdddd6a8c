"""Number the events, prices, owners, clocks and legs of a plan's strategies."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simulator.kernel import layout as k
from simulator.lowering.items import buckets_of, running_buckets
from simulator.lowering.plain import lower_plain
from simulator.lowering.points import EXPECTING
from simulator.lowering.quantities import variate
from simulator.lowering.rows import Rows, Value
from simulator.plan.forms import Quantity
from simulator.plan.schema import Plan
from simulator.plan.strategy import Migrating, Plain, Routed


class Strategies:
    """Fill the tables of everything that strategies refer to.

    Parameters
    ----------
    plan
        The plan to lower.
    rows
        Where values get their rows; its `resolve` turns the provisional rows in these tables into final ones.
    """

    def __init__(self, plan: Plan, rows: Rows) -> None:
        self.plan = plan
        self.rows = rows
        self.events: dict[str, int] = {}
        self._events: list[list[int]] = []
        self._fixed: list[tuple[int, ...]] = []
        self._growth: dict[Value, int] = {1.0: 0}
        self._processes = {name: number for number, name in enumerate(plan.prices)}
        self.expects = False
        self._prompts: dict[tuple[int, int, int], int] = {}
        self._plains: dict[str, int] = {}
        self._plain_rows: list[np.ndarray] = []
        self._owners: dict[str, int] = {}
        self._owner_rows: list[list[int]] = []
        self._buckets: list[list[int]] = []
        self._bundles: dict[tuple, int] = {}
        self._bundle_rows: list[list[int]] = []
        self._bundled: list[int] = []
        self._phases: dict[tuple[int, int], int] = {(k.NONE, 0): 0}
        self._clocks: dict[tuple[int, str], int] = {}
        self._clock_rows: list[list[int]] = []
        self._triggers: list[int] = []
        self._legs: list[list[int]] = []
        self._payers: list[list[int]] = []
        self._openings: list[list[int]] = []
        self._migrations: list[list[int]] = []
        self._steps: list[list[int]] = []
        self._adopted: list[list[int]] = []
        self._strategy_rows: list[list[int]] = []
        self._components: list[np.ndarray] = []
        self._trains: list[int] = []

    def lower(self) -> None:
        """Number everything that the compared strategies use, and every event of the plan."""
        for name in self.plan.events:
            self.event(f"events.{name}")
        self.processes_table = self._lower_processes()
        for name, strategy in self.plan.strategies.items():
            if not strategy.part:
                self._lower_strategy(name)

    # --- what is shared: noises, growth, prices, events

    def noise(self, quantity: Quantity | None, name: str) -> tuple[int, int]:
        """Give the value row of a volatility and its noise, both absent where it is 0."""
        value = self.rows.value(quantity)
        if value == 0.0:
            return k.NONE, k.NONE
        return self.rows.row(value), self.rows.noise(name)

    def growth(self, *rates: Quantity | None) -> int:
        """Give the growth class of yearly rates that compound together; 0 where nothing grows."""
        values = [self.rows.value(rate) for rate in rates]
        factor = self.rows.product(*(self.rows.monthly_factor(value) for value in values))
        return self._growth.setdefault(factor, len(self._growth))

    def prompt(self, prompt: Value, growth: int, retrieved: Value) -> int:
        """Give the number of a prompt of this growth class, and of what is retrieved."""
        key = (self.rows.row(prompt), growth, self.rows.row(retrieved))
        return self._prompts.setdefault(key, len(self._prompts))

    def price(self, process: str | None) -> int:
        """Give the row of a price process among the price levels; 0 stays at 1."""
        return 0 if process is None else 1 + self._processes[process]

    def event(self, name: str) -> int:
        """Give the number of an event by its dotted name: ``events.NAME`` or ``models.NAME.retired``."""
        if name not in self.events:
            self.events[name] = len(self.events)
            self._lower_event(name)
        return self.events[name]

    def _lower_event(self, name: str) -> None:
        row = [k.NONE] * 6
        fixed: tuple[int, ...] = ()
        if name.startswith("models."):
            model = self.plan.models[name.split(".")[1]]
            row[k.EVENT_KIND] = k.RENEWAL
            row[k.EVENT_INTERVAL] = self.rows.occurrence(model.retired_after)
            if model.retired_on is not None:
                start = self.plan.start
                first = (model.retired_on.year - start.year) * 12 + model.retired_on.month - start.month + 1
                row[k.EVENT_FIRST] = max(first, 0)
        else:
            event = self.plan.events[name.split(".")[1]]
            row[k.EVENT_DEMAND] = self.rows.occurrence(event.demand)
            if event.rate is not None:
                row[k.EVENT_KIND] = k.RANDOM
                row[k.EVENT_CHANCE] = self.rows.row(self.rows.monthly_chance(self.rows.value(event.rate)))
                row[k.EVENT_UNIFORM] = self.rows.chance(f"{name}:rate")
            elif event.every is not None:
                row[k.EVENT_KIND] = k.RENEWAL
                row[k.EVENT_INTERVAL] = self.rows.occurrence(event.every)
            else:
                row[k.EVENT_KIND] = k.FIXED
                fixed = event.at
        self._events.append(row)
        self._fixed.append(fixed)

    def _lower_processes(self) -> np.ndarray:
        table = np.full((len(self.plan.prices), 7), k.NONE, dtype=np.int64)
        for row, (name, process) in zip(table, self.plan.prices.items(), strict=True):
            row[k.PRICE_FACTOR] = self.rows.row(self.rows.monthly_factor(self.rows.value(process.drift)))
            row[k.PRICE_VOLATILITY], row[k.PRICE_NOISE] = self.noise(
                process.volatility, f"prices.{name}:volatility"
            )
            rate = self.rows.value(process.change_rate)
            if rate != 0.0 and process.change is not None:
                chance = self.rows.monthly_chance(rate)
                row[k.CHANGE_CHANCE] = self.rows.row(chance)
                row[k.CHANGE_UNIFORM] = self.rows.chance(f"prices.{name}:change_rate")
                row[k.CHANGE] = self.rows.occurrence(process.change)
                if self.plan.run.sampler in EXPECTING:
                    self.expects = True
                    rise = self.rows.product(chance, variate(process.change).mean() - 1.0)
                    row[k.CHANGE_MEAN] = self.rows.row(self.rows.sum(1.0, rise))
        return table

    # --- plain strategies and owners of items

    def plain(self, name: str) -> int:
        """Give the number of a plain strategy."""
        if name not in self._plains:
            self._plains[name] = len(self._plains)
            row = np.zeros(k.PLAIN_COLUMNS, dtype=np.int64)
            self._plain_rows.append(row)
            lower_plain(self, self.plan.strategies[name], row)
            row[k.PLAIN_OWNER] = self.owner(name)
        return self._plains[name]

    def owner(self, name: str) -> int:
        """Give the number of a strategy as a payer of its own items."""
        if name not in self._owners:
            self._owners[name] = len(self._owners)
            strategy = self.plan.strategies[name]
            buckets = buckets_of(self, strategy)
            start, end = len(self._buckets), len(self._buckets) + len(buckets)
            self._buckets.extend(buckets)
            fixed, use = running_buckets(buckets, start, isinstance(strategy, Plain))
            bundles = [self._bundle(each, 0) for each in fixed] + [self._bundle(each, 1) for each in use]
            self._owner_rows.append([start, end, *bundles])
        return self._owners[name]

    def _bundle(self, buckets: list[int], by_request: int) -> int:
        """Give the number of the buckets of one component that an owner pays in running months, NONE if it has none."""
        if not buckets:
            return k.NONE
        key = (by_request, *(tuple(self._buckets[number]) for number in buckets))
        if key not in self._bundles:
            self._bundles[key] = len(self._bundles)
            start = len(self._bundled)
            self._bundled.extend(buckets)
            self._bundle_rows.append([start, len(self._bundled), by_request])
        return self._bundles[key]

    def is_trained(self, name: str) -> bool:
        """Whether a plain strategy has training."""
        return self.plan.strategies[name].training is not None

    def clock(self, migration: int, name: str, phase: int) -> int:
        """Give the training clock of a plain strategy, in its own right or within a migrating one."""
        if not self.is_trained(name):
            return k.NONE
        if (migration, name) not in self._clocks:
            self._clocks[migration, name] = len(self._clocks)
            retrain = self.plan.strategies[name].retrain
            row = [k.NONE] * 6
            row[k.CLOCK_PLAIN] = self.plain(name)
            row[k.CLOCK_PHASE] = phase
            row[k.TRIGGER_START] = len(self._triggers)
            if retrain is not None:
                row[k.CLOCK_EVERY] = self.rows.occurrence(retrain.every)
                if retrain.when_failures_exceed is not None:
                    row[k.CLOCK_THRESHOLD] = self.rows.row(float(retrain.when_failures_exceed))
                self._triggers.extend(self.event(event) for event in retrain.on)
            row[k.TRIGGER_END] = len(self._triggers)
            self._clock_rows.append(row)
        return self._clocks[migration, name]

    # --- compared strategies

    def parts_of(self, name: str) -> dict[str, Value]:
        """Give the plain strategies behind a plain or routed one, with the share of the requests of each."""
        strategy = self.plan.strategies[name]
        if isinstance(strategy, Plain):
            return {name: 1.0}
        named = {part: self.rows.value(share) for part, share in strategy.route.items() if share is not None}
        total = self.rows.sum(*named.values())
        scale = self.rows.share_scale(total)
        return {
            part: self.rows.rest(total) if share is None else self.rows.product(named[part], scale)
            for part, share in strategy.route.items()
        }

    def _lower_strategy(self, name: str) -> None:
        strategy = self.plan.strategies[name]
        row = [len(self._legs), 0, len(self._payers), 0, len(self._openings), 0, k.NONE]
        if isinstance(strategy, Migrating):
            row[k.MIGRATION] = len(self._migrations)
            self._lower_migration(name, strategy)
        else:
            self._add_stage(name, k.NONE, 0, {})
            self._open(name, self._openings, with_items=True, migration=k.NONE)
        row[k.LEG_END] = len(self._legs)
        row[k.PAYER_END] = len(self._payers)
        row[k.OPENING_END] = len(self._openings)
        self._strategy_rows.append(row)
        self._describe(row)

    def _add_stage(self, name: str, migration: int, phase: int, clock_phases: dict[str, int]) -> None:
        """Add the legs and payers of a plain or routed strategy that is paid in a phase."""
        for part, share in self.parts_of(name).items():
            number = self.plain(part)
            clock = self.clock(migration, part, clock_phases.get(part, phase))
            self._legs.append([number, clock, self.rows.row(share), phase])
            self._payers.append([self.owner(part), phase])
        if isinstance(self.plan.strategies[name], Routed):
            self._payers.append([self.owner(name), phase])

    def _open(self, name: str, table: list[list[int]], *, with_items: bool, migration: int) -> None:
        """Add what starting a plain or routed strategy costs: upfront items, unless known, and first runs."""
        for part in self.parts_of(name):
            owner = self.owner(part) if with_items else k.NONE
            plain = self.plain(part) if self.is_trained(part) else k.NONE
            clock = self._clocks.get((migration, part), k.NONE)
            if owner != k.NONE or plain != k.NONE:
                table.append([owner, plain, clock])
        if with_items and isinstance(self.plan.strategies[name], Routed):
            table.append([self.owner(name), k.NONE, k.NONE])

    def _phase(self, migration: int, stages: Iterable[int]) -> int:
        """Give the number of the phase that is paid at the given stages of a migrating strategy."""
        mask = sum(1 << stage for stage in stages)
        return self._phases.setdefault((migration, mask), len(self._phases))

    def _lower_migration(self, name: str, strategy: Migrating) -> None:
        migration = len(self._migrations)
        stages = [strategy.start_with, *(step.migrate_to for step in strategy.then)]
        stages_of_plain: dict[str, set[int]] = {}
        for stage, target in enumerate(stages):
            for part in self.parts_of(target):
                stages_of_plain.setdefault(part, set()).add(stage)
        clock_phases = {part: self._phase(migration, at) for part, at in stages_of_plain.items()}
        for target in dict.fromkeys(stages):
            phase = self._phase(migration, [stage for stage, other in enumerate(stages) if other == target])
            self._add_stage(target, migration, phase, clock_phases)
        self._payers.append([self.owner(name), 0])
        self._open(strategy.start_with, self._openings, with_items=True, migration=migration)
        self._openings.append([self.owner(name), k.NONE, k.NONE])
        first = len(self._steps)
        for number, step in enumerate(strategy.then):
            row = [k.NONE] * 13
            when = step.when
            if when.requests_above is not None:
                row[k.STEP_KIND] = k.WHEN_ABOVE
                row[k.STEP_BOUND] = self.rows.row(self.rows.value(when.requests_above))
                row[k.STEP_FOR] = 1 if when.for_ is None else when.for_
                row[k.STEP_NOT_BEFORE] = 0 if when.not_before is None else when.not_before
            elif when.at is not None:
                row[k.STEP_KIND], row[k.STEP_AT] = k.WHEN_AT, when.at
            else:
                row[k.STEP_KIND], row[k.STEP_EVENT] = k.WHEN_EVENT, self.event(when.on)
            row[k.STEP_TAKES] = self.rows.row(self.rows.value(step.takes))
            row[k.STEP_COST] = self.rows.row(self.rows.value(step.cost))
            row[k.STEP_COST_GROWTH] = self.growth(self.plan.finance.inflation)
            wage = 0.0 if step.role is None else self.rows.value(self.plan.people.roles[step.role])
            row[k.STEP_LABOR] = self.rows.row(self.rows.product(self.rows.value(step.hours), wage))
            row[k.STEP_LABOR_GROWTH] = self.growth(self.plan.people.raise_)
            row[k.ADOPT_START] = len(self._adopted)
            is_new = step.migrate_to not in stages[: number + 1]
            self._open(step.migrate_to, self._adopted, with_items=is_new, migration=migration)
            row[k.ADOPT_END] = len(self._adopted)
            self._steps.append(row)
        self._migrations.append([first, len(self._steps)])

    def _describe(self, row: list[int]) -> None:
        """Say which components of a compared strategy can differ from zero, and whether it trains."""
        used = np.zeros(8, dtype=np.int64)
        legs = self._legs[row[k.LEG_START] : row[k.LEG_END]]
        plains = [self._plain_rows[leg[k.LEG_PLAIN]] for leg in legs]
        used[[k.INPUT_TOKENS, k.OUTPUT_TOKENS]] = any(plain[k.HAS_TOKENS] for plain in plains)
        used[k.TRAINING] = any(plain[k.HAS_TRAINING] for plain in plains)
        used[k.SERVING] = any(plain[k.HAS_SERVING] for plain in plains)
        used[k.FAILURES] = any(plain[k.HAS_FAILURES] for plain in plains)
        used[k.LATENCY] = any(plain[k.HAS_LATENCY] for plain in plains)
        owners = [payer[k.PAYER_OWNER] for payer in self._payers[row[k.PAYER_START] : row[k.PAYER_END]]]
        for owner in owners:
            start, end = self._owner_rows[owner][:2]
            for bucket in self._buckets[start:end]:
                used[bucket[k.COMPONENT]] = 1
        if row[k.MIGRATION] != k.NONE:
            used[[k.LABOR, k.OTHER]] = 1
        self._components.append(used)
        self._trains.append(int(used[k.TRAINING]))

    # --- the tables

    @property
    def growth_table(self) -> np.ndarray:
        """Value rows of the monthly growth factors."""
        return np.array([self.rows.row(factor) for factor in self._growth], dtype=np.int64)

    @property
    def fixed_months(self) -> np.ndarray:
        """(event, month) 1 where an event with given months happens."""
        table = np.zeros((len(self._fixed), self.plan.horizon), dtype=np.int64)
        for row, months in zip(table, self._fixed, strict=True):
            for month in months:
                if month <= self.plan.horizon:
                    row[month - 1] = 1
        return table

    @property
    def phases_table(self) -> np.ndarray:
        """(phase, 2) migration and stages of each phase."""
        return _table([list(phase) for phase in self._phases], 2)

    events_table = property(lambda self: _table(self._events, 6))
    prompts_table = property(lambda self: _table(list(self._prompts), 3))
    plains_table = property(lambda self: _table(self._plain_rows, k.PLAIN_COLUMNS))
    owners_table = property(lambda self: _table(self._owner_rows, 6))
    buckets_table = property(lambda self: _table(self._buckets, 8))
    bundles_table = property(lambda self: _table(self._bundle_rows, 3))
    bundled = property(lambda self: np.array(self._bundled, dtype=np.int64))
    clocks_table = property(lambda self: _table(self._clock_rows, 6))
    triggers_table = property(lambda self: np.array(self._triggers, dtype=np.int64))
    strategies_table = property(lambda self: _table(self._strategy_rows, 7))
    legs_table = property(lambda self: _table(self._legs, 4))
    payers_table = property(lambda self: _table(self._payers, 2))
    openings_table = property(lambda self: _table(self._openings, 3))
    migrations_table = property(lambda self: _table(self._migrations, 2))
    steps_table = property(lambda self: _table(self._steps, 13))
    adopted_table = property(lambda self: _table(self._adopted, 3))
    components_table = property(lambda self: _table(self._components, 8))
    trains_table = property(lambda self: np.array(self._trains, dtype=np.int64))


def _table(rows: list, columns: int) -> np.ndarray:
    return np.array([list(row) for row in rows], dtype=np.int64).reshape(-1, columns)
