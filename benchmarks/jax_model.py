"""Live one month of a chunk of lifetimes in JAX: every function is traced once, arrays are (lifetime).

The model is that of MODEL.md. Strategies are a loop in Python, unrolled when the month is traced; months are a
`lax.scan` in `jax_version`, whose carry is the `State` of this module.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.jax_draws import Lifetimes, Once, settled
from tests.reference_model.events import TOLERANCE
from tests.reference_model.items import HOURS_A_MONTH, add, add_all
from tests.reference_model.training import TECHNIQUES

SECONDS_A_MONTH = 2_628_000.0
BATCH_DISCOUNT = 0.5
NEVER = np.int32(2**30)
_EVERY_MONTH = {"h": HOURS_A_MONTH, "day": HOURS_A_MONTH / 24.0, "month": 1.0}
_EVERY_SO_MANY_MONTHS = {"quarter": 3, "year": 12}
_PER_REQUEST = {"req": 1.0, "kreq": 1e-3}


class Clock(NamedTuple):
    """One clock of training: end of the last run's month, interval that runs, runs counted."""

    last: jax.Array
    interval: jax.Array
    counted: jax.Array


class Course(NamedTuple):
    """One migrating strategy: steps complete and decided, month of the next completion, months above bounds."""

    stage: jax.Array
    decided: jax.Array
    complete_in: jax.Array
    streaks: dict[int, jax.Array]
    clocks: dict[str, Clock]


class State(NamedTuple):
    """What a month hands on to the next."""

    demand: jax.Array
    growth: dict[str, jax.Array]
    levels: dict[str, jax.Array]
    clocks: dict[str, Clock]
    courses: dict[str, Course]


class Month(NamedTuple):
    """What differs from month to month: number (1 …), draws, tables."""

    t: jax.Array
    normals: dict[str, jax.Array]
    uniforms: dict[str, jax.Array]
    seasonality: jax.Array
    scheduled: dict[str, jax.Array]
    happens: dict[str, jax.Array]


def whole(x):
    """Round up; what exceeds a whole number by rounding alone does not count."""
    return jnp.ceil(x * (1.0 - TOLERANCE))


class Model:
    """A plan, ready to be traced.

    Parameters
    ----------
    plan
        A plan as `simulator.plan` reads it.

    Raises
    ------
    NotImplementedError
        If the plan's demand follows the logistic curve.
    """

    def __init__(self, plan) -> None:
        if plan.demand.curve == "logistic":
            raise NotImplementedError("the JAX version knows compound growth alone")
        self.plan = plan
        self.lifetimes = Lifetimes(plan)
        strategies = plan.strategies
        self.routed = {name: s for name, s in strategies.items() if hasattr(s, "route")}
        self.migrating = {name: s for name, s in strategies.items() if hasattr(s, "start_with")}
        self.plain = {
            name: s
            for name, s in strategies.items()
            if name not in self.routed and name not in self.migrating
        }
        self.compared = tuple(name for name, strategy in strategies.items() if not strategy.part)
        self.books: dict = {name: Plain(s) for name, s in self.plain.items()}
        self.books |= {name: Routed(s, self.books) for name, s in self.routed.items()}
        self.books |= {name: Migrating(s, self.books) for name, s in self.migrating.items()}
        self.retrained = {
            name: s for name, s in self.plain.items() if s.training is not None and s.retrain is not None
        }
        demand, request = plan.demand, plan.request
        items = [item for s in strategies.values() for item in s.costs.values()]
        grown = [request.input_growth, request.output_growth, plan.finance.inflation, plan.people.raise_]
        grown += [s.prompt_growth for s in self.plain.values()] + [item.growth for item in items]
        self.grown = {quantity.name: quantity for quantity in grown if quantity is not None}
        self.noises = {f"{item.name}:varies": item.varies for item in items if item.varies is not None}
        if request.variation is not None:
            self.noises |= {f"request.{side}:variation": request.variation for side in ("input", "output")}
        self.normals = [*self.noises]
        if demand.volatility is not None:
            self.normals.append("demand:volatility")
        prices = plan.prices.items()
        self.normals += [f"prices.{name}:volatility" for name, p in prices if p.volatility is not None]
        self.uniforms = [f"events.{name}:rate" for name, e in plan.events.items() if e.rate is not None]
        self.uniforms += [f"prices.{name}:change_rate" for name, p in prices if p.change_rate is not None]
        # drawn apart from the uniform that says whether it happens: by `every` or `at` there is none
        self.normals += [
            f"events.{name}.demand"
            for name, event in plan.events.items()
            if event.demand is not None and event.rate is None
        ]
        self.intervals = {
            s.retrain.every.name: s.retrain.every
            for s in self.retrained.values()
            if s.retrain.every is not None
        }

    def start(self, once: Once, intervals: dict, size: int) -> State:
        """Give the state before month 1."""
        ones, zeros = jnp.ones(size), jnp.zeros(size)
        whole_zeros = jnp.zeros(size, jnp.int32)

        fresh = Clock(zeros, jnp.full(size, jnp.inf), whole_zeros)

        def clock(strategy) -> Clock:
            return started(strategy, fresh, jnp.ones(size, bool), 0.0, intervals)

        courses = {}
        for name, strategy in self.migrating.items():
            trained = {part: self.plain[part] for part in self.books[name].all_trained}
            at_once = self.books[strategy.start_with].trained
            courses[name] = Course(
                whole_zeros,
                whole_zeros,
                jnp.full(size, NEVER),
                {n: whole_zeros for n, s in enumerate(strategy.then) if s.when.requests_above is not None},
                {part: clock(s) if part in at_once else fresh for part, s in trained.items()},
            )
        return State(
            jnp.broadcast_to(jnp.log(once(self.plan.demand.requests)), (size,)),
            dict.fromkeys(self.grown, ones),
            dict.fromkeys(self.plan.prices, ones),
            {name: clock(strategy) for name, strategy in self.retrained.items()},
            courses,
        )

    def tables(self) -> dict[str, np.ndarray | dict[str, np.ndarray]]:
        """Give what is known of every month beforehand, months first."""
        plan = self.plan
        months = np.arange(1, plan.horizon + 1)
        seasonality = np.array(plan.demand.seasonality or (1.0,) * 12)
        scheduled = {name: np.ones(plan.horizon) for name in plan.prices}
        for name, process in plan.prices.items():
            for change in process.scheduled:
                if 2 <= change.at <= plan.horizon:
                    scheduled[name][change.at - 1] *= change.change
        return {
            "t": months.astype(np.int32),
            "seasonality": seasonality[np.array(plan.calendar.calendar_months)],
            "scheduled": scheduled,
        }

    def known_events(self, key, size: int) -> dict[str, jax.Array]:
        """Give (month, lifetime) bool of what does not wait for the month: fixed months and renewals."""
        plan = self.plan
        happens: dict[str, jax.Array] = {}
        months = jnp.arange(1, plan.horizon + 1, dtype=jnp.int32)[:, None]
        for number, (name, event) in enumerate(plan.events.items()):
            if event.at is not None:
                fixed = np.isin(np.arange(1, plan.horizon + 1), event.at)[:, None]
                happens[f"events.{name}"] = jnp.broadcast_to(fixed, (plan.horizon, size))
            elif event.every is not None:
                happens[f"events.{name}"] = self._renewal(
                    jax.random.fold_in(key, number), event.every, 0, size
                )
        for number, (name, model) in enumerate(plan.models.items(), start=len(plan.events)):
            origin = 0
            found = jnp.zeros((plan.horizon, size), bool)
            if model.retired_on is not None:
                gone = model.retired_on
                origin = (gone.year - plan.start.year) * 12 + gone.month - plan.start.month
                found |= months == origin + 1
            if model.retired_after is not None and (model.retired_on is None or origin > 0):
                found |= self._renewal(jax.random.fold_in(key, number), model.retired_after, origin, size)
            happens[f"models.{name}.retired"] = found & (months > 1)
        return happens

    def _renewal(self, key, interval, origin: int, size: int) -> jax.Array:
        """Happen in the first month t with t - 1 >= origin + S_k, for each k = 1, 2, …"""
        horizon = self.plan.horizon
        months = jnp.arange(1, horizon + 1, dtype=jnp.float64)[:, None]

        def is_under_way(carry):
            return (carry[1] <= horizon - 1.0).any()

        def happen(carry):
            k, elapsed, found = carry
            z = jax.random.normal(jax.random.fold_in(key, k), (size,))
            elapsed = elapsed + self.lifetimes.occurrence(interval, z)
            return k + 1, elapsed, found | (months == whole(elapsed) + 1.0)

        first = (0, jnp.full(size, float(origin)), jnp.zeros((horizon, size), bool))
        return jax.lax.while_loop(is_under_way, happen, first)[2]

    def interval_table(self, key, size: int) -> dict[str, jax.Array]:
        """Draw the intervals of retraining, (number, lifetime) by name: at the most one a month."""
        found = {}
        for number, (name, quantity) in enumerate(self.intervals.items()):
            shape = (self.plan.horizon, size)
            z = jax.random.normal(jax.random.fold_in(key, number), shape, jnp.float32)
            found[name] = self.lifetimes.occurrence(quantity, z.astype(jnp.float64))
        return found

    def live(self, once: Once, intervals: dict, state: State, month: Month):
        """Live one month.

        Returns
        -------
        The state after it, and the `World` with the month's volume, levels and clocks.
        """
        plan, t = self.plan, month.t
        world = World(self, once, month)
        moved = t > 1
        for name, quantity in self.grown.items():
            factor = once.monthly_factor(quantity)
            world.growths[name] = state.growth[name] * jnp.where(moved, factor, 1.0)
        for name, event in plan.events.items():
            if event.rate is not None:
                probability = once.chance(event.rate)
                world.happens[f"events.{name}"] = moved & (
                    month.uniforms[f"events.{name}:rate"] < probability
                )
        step = 0.0 if plan.demand.growth is None else once.monthly_growth(plan.demand.growth)
        if plan.demand.volatility is not None:
            step = step + once(plan.demand.volatility) * month.normals["demand:volatility"]
        for name, event in plan.events.items():
            if event.demand is not None:
                factor = jnp.log(self._drawn(once, f"events.{name}", event.demand, event.rate, month))
                step = step + jnp.where(world.happens[f"events.{name}"], factor, 0.0)
        demand = state.demand + jnp.where(moved, step, 0.0)
        world.volume = month.seasonality * jnp.minimum(jnp.exp(demand), once(plan.demand.ceiling, np.inf))
        for name, process in plan.prices.items():
            world.levels[name] = state.levels[name] * jnp.where(
                moved, self._price_step(once, name, process, month), 1.0
            )
        world.growths, world.levels, world.happens, world.volume, demand = settled(
            (world.growths, world.levels, world.happens, world.volume, demand)
        )
        clocks = {}
        for name, strategy in self.retrained.items():
            due, clocks[name] = retrained(strategy, world, state.clocks[name], intervals)
            world.clocks[name] = (t - 1.0) - clocks[name].last, due
        courses = {
            name: self.books[name].decide(world, state.courses[name], intervals) for name in self.migrating
        }
        world.clocks, world.courses, clocks, courses = settled((world.clocks, world.courses, clocks, courses))
        return State(demand, world.growths, world.levels, clocks, courses), world

    def _price_step(self, once: Once, name: str, process, month: Month):
        step = 0.0 if process.drift is None else once.monthly_growth(process.drift)
        if process.volatility is not None:
            step = step + once(process.volatility) * month.normals[f"prices.{name}:volatility"]
        step = jnp.exp(step) * month.scheduled[name]
        if process.change_rate is not None and process.change is not None:
            probability = once.chance(process.change_rate)
            changed = month.uniforms[f"prices.{name}:change_rate"] < probability
            change = self._of_rate(process.change, month.uniforms[f"prices.{name}:change_rate"], probability)
            step = jnp.where(changed, step * change, step)
        return step

    def _drawn(self, once: Once, name: str, quantity, rate, month: Month):
        if rate is None:
            return self.lifetimes.occurrence(quantity, month.normals[f"{name}.demand"])
        return self._of_rate(quantity, month.uniforms[f"{name}:rate"], once.chance(rate))

    def _of_rate(self, quantity, u, probability):
        """Draw by the uniform that has said that it happens: u / p is uniform where u < p."""
        v = jnp.clip(u / probability, 1e-12, 1.0 - 1e-7).astype(jnp.float32)
        return self.lifetimes.occurrence(quantity, jax.scipy.special.ndtri(v).astype(jnp.float64))


class World:
    """What all strategies share in one month."""

    def __init__(self, model: Model, once: Once, month: Month) -> None:
        self.plan = model.plan
        self.once = once
        self.t = month.t
        self.growths: dict[str, jax.Array] = {}
        self.levels: dict[str, jax.Array] = {}
        self.happens: dict[str, jax.Array] = dict(month.happens)
        self.clocks: dict[str, tuple] = {}
        self.courses: dict[str, tuple] = {}
        self.volume: jax.Array
        self._month = month
        self._noises = model.noises
        self._kept: dict = {}

    def keep(self, key, make):
        """Make something once a month."""
        if key not in self._kept:
            self._kept[key] = settled(make())
        return self._kept[key]

    def growth(self, rate):
        """Give (1 + rate)^((t-1)/12), 1 without a rate."""
        return 1.0 if rate is None else self.growths[rate.name]

    def noise(self, stream: str):
        """Give exp(s eps - s^2/2), 1 where nothing varies."""
        if stream not in self._noises:
            return 1.0
        s = self.once(self._noises[stream])
        return self.keep(stream, lambda: jnp.exp(s * self._month.normals[stream] - s * s / 2.0))

    @property
    def inflation(self):
        """(1 + inflation)^((t-1)/12)."""
        return self.growth(self.plan.finance.inflation)

    def wage(self, role: str):
        """Give the rate of a role [USD/h]."""
        return self.once(self.plan.people.roles[role]) * self.growth(self.plan.people.raise_)

    def price_factor(self, premium, process: str | None):
        """Give (1 + premium) D_t."""
        return (1.0 + self.once(premium)) * (1.0 if process is None else self.levels[process])


class Items:
    """The items of one strategy; amounts [USD] by component."""

    def __init__(self, costs: dict) -> None:
        self.items = list(costs.values())

    def upfront(self, world: World) -> dict:
        return self._sum(world, lambda item: item.cadence == "upfront" and item.on is None)

    def run(self, world: World) -> dict:
        return self._sum(world, lambda item: item.cadence == "run")

    def per_request(self, world: World) -> dict:
        return self._sum(world, lambda item: item.cadence in _PER_REQUEST)

    def regular(self, world: World) -> dict:
        paid = self._sum(world, lambda item: item.on is None and item.cadence in _EVERY_MONTH)
        for item in self.items:
            amount = None
            if item.on is not None:
                amount = jnp.where(world.happens[item.on], self._amount(world, item), 0.0)
            elif item.cadence in _EVERY_SO_MANY_MONTHS:
                falls = (world.t - 1) % _EVERY_SO_MANY_MONTHS[item.cadence] == 0
                amount = jnp.where(falls, self._amount(world, item), 0.0)
            if amount is not None:
                add(paid, _component(item), amount)
        return paid

    def _sum(self, world: World, chosen) -> dict:
        paid: dict = {}
        for item in self.items:
            if chosen(item):
                add(paid, _component(item), self._amount(world, item))
        return paid

    def _amount(self, world: World, item):
        factor = _EVERY_MONTH.get(item.cadence, 1.0) * _PER_REQUEST.get(item.cadence, 1.0)
        amount = world.once(item.quantity) * factor
        if item.growth is not None:
            amount = amount * world.growth(item.growth)
        elif item.kind == "money":
            amount = amount * world.inflation
        if item.varies is not None:
            amount = amount * world.noise(f"{item.name}:varies")
        return amount * world.wage(item.role) if item.kind == "hours" else amount


def _component(item) -> str:
    return "labor" if item.kind == "hours" else "other"


class Plain:
    """Costs of one plain strategy."""

    def __init__(self, strategy) -> None:
        self.name = strategy.name
        self.strategy = strategy
        self.trained = (strategy.name,) if strategy.training is not None else ()
        self.items = Items(strategy.costs)

    def upfront(self, world: World) -> dict:
        return self.items.upfront(world)

    def first_runs(self, world: World) -> dict:
        return self.run(world) if self.trained else {}

    def running(self, world: World, clocks: dict, volume) -> dict:
        """Give the running cash of the month at `volume` requests."""
        since, due = clocks.get(self.name, (world.t - 1.0, None))
        paid = dict(world.keep((self.name, "regular"), lambda: self.items.regular(world)))
        add_all(paid, self.per_request(world), volume)
        if self.strategy.serving is not None:
            add(paid, "serving", self.serving(world, volume))
        own = self.strategy.cost_per_failure
        cost_per_failure = world.plan.quality.cost_per_failure if own is None else own
        if cost_per_failure is not None:
            cost = world.once(cost_per_failure) * world.inflation
            add(paid, "failures", volume * (failure_share(self.strategy, world.once, since) * cost))
        if due is not None:
            add_all(paid, self.run(world), due)
        return paid

    def lengths(self, world: World) -> tuple:
        """Give the tokens of a request: prompt, retrieved, input, output."""
        request, strategy, once = world.plan.request, self.strategy, world.once
        prompt = once(strategy.prompt) * world.growth(strategy.prompt_growth)
        given = once(strategy.input if strategy.input is not None else request.input)
        given = given * world.growth(request.input_growth) * world.noise("request.input:variation")
        made = once(strategy.output if strategy.output is not None else request.output)
        made = made * world.growth(request.output_growth) * world.noise("request.output:variation")
        return prompt, once(strategy.retrieved), given, made * once(strategy.output_ratio, 1.0)

    def per_request(self, world: World) -> dict:
        return world.keep((self.name, "request"), lambda: self._per_request(world))

    def _per_request(self, world: World) -> dict:
        once, strategy = world.once, self.strategy
        prompt, retrieved, given, made = self.lengths(world)
        paid = self.items.per_request(world)
        if strategy.model is not None:
            model = world.plan.models[strategy.model]
            discount = once(model.batch_discount, BATCH_DISCOUNT)
            factor = self.model_factor(world) * (1.0 + once(strategy.retries))
            factor = factor * (1.0 - once(strategy.batched) * discount) / 1e6
            price, cached = once(model.input_price), once(strategy.cached)
            bill = (prompt * (1.0 - cached) + retrieved + given) * price
            bill = bill + prompt * cached * once(model.cached_price, price)
            paid["input_tokens"] = bill * factor
            paid["output_tokens"] = made * once(model.output_price) * factor
        if strategy.latency is not None and world.plan.quality.cost_per_second is not None:
            seconds = once(strategy.latency.per_input) * (prompt + retrieved + given) / 1000.0
            seconds = seconds + once(strategy.latency.base)
            paid["latency"] = seconds * once(world.plan.quality.cost_per_second) * world.inflation
        return paid

    def serving(self, world: World, volume):
        """Give replicas x gpus x 730 h x GPU price."""
        once, serving = world.once, self.strategy.serving
        load = volume * (1.0 + once(self.strategy.retries))
        if serving.capacity.dimension.name == "token_capacity":
            load = load * sum(self.lengths(world))
        needed = load * once(serving.peak, 1.0) / (SECONDS_A_MONTH * once(serving.capacity))
        price = once(serving.gpu_price) * world.price_factor(serving.premium, serving.prices)
        return jnp.maximum(serving.min_replicas, whole(needed)) * (serving.gpus * HOURS_A_MONTH * price)

    def run(self, world: World) -> dict:
        """Give one training run: its compute and the items /run."""
        return world.keep((self.name, "run"), lambda: self._run(world))

    def _run(self, world: World) -> dict:
        once, training = world.once, self.strategy.training
        paid = self.items.run(world)
        attempts = once(training.attempts, 1.0)
        if training.gpu_hours is not None:
            hours = once(training.gpu_hours) * TECHNIQUES[training.technique][0]
            price = once(training.gpu_price) * world.price_factor(training.premium, training.prices)
            paid["training"] = attempts * hours * price
            return paid
        tokens = once(training.examples) * once(training.tokens_per_example) * once(training.epochs)
        price = training.price
        if price is None:
            price = world.plan.models[self.strategy.model].training_price
        compute = tokens * (once(price) * self.model_factor(world)) / 1e6
        paid["training"] = jnp.maximum(once(training.minimum), compute) * attempts
        return paid

    def model_factor(self, world: World):
        if self.strategy.model is None:
            return 1.0
        model = world.plan.models[self.strategy.model]
        return world.price_factor(model.premium, model.prices)


class Routed:
    """Use of part i at w_i V, everything else of the parts in full, the strategy's own items on top."""

    def __init__(self, strategy, books: dict) -> None:
        self.name = strategy.name
        self.strategy = strategy
        self.parts = {name: books[name] for name in strategy.route}
        self.trained = tuple(name for part in self.parts.values() for name in part.trained)
        self.items = Items(strategy.costs)

    def upfront(self, world: World) -> dict:
        paid = self.items.upfront(world)
        for part in self.parts.values():
            add_all(paid, part.upfront(world))
        return paid

    def first_runs(self, world: World) -> dict:
        paid: dict = {}
        for part in self.parts.values():
            add_all(paid, part.first_runs(world))
        return paid

    def running(self, world: World, clocks: dict, volume) -> dict:
        paid = self.items.regular(world)
        add_all(paid, self.items.per_request(world), volume)
        named = {name: world.once(share) for name, share in self.strategy.route.items() if share is not None}
        total = sum(named.values())
        for name, part in self.parts.items():
            share = jnp.maximum(1.0 - total, 0.0)
            if name in named:
                share = named[name] / jnp.maximum(total, 1.0)
            add_all(paid, part.running(world, clocks, share * volume))
        return paid


class Migrating:
    """The strategy in use is paid in full; a step pays its own costs and the upfront ones of the next."""

    def __init__(self, strategy, books: dict) -> None:
        self.name = strategy.name
        self.strategy = strategy
        self.order = (strategy.start_with, *(step.migrate_to for step in strategy.then))
        self.books = {name: books[name] for name in self.order}
        self.trained = self.books[strategy.start_with].trained
        self.all_trained = tuple(dict.fromkeys(p for book in self.books.values() for p in book.trained))
        self.plain = {part: books[part].strategy for part in self.all_trained}
        self.items = Items(strategy.costs)

    def in_use(self, name: str, stage):
        """Tell where the strategy in use after `stage` steps is `name`."""
        return sum((stage == number for number, other in enumerate(self.order) if other == name), False)

    def upfront(self, world: World) -> dict:
        paid = self.items.upfront(world)
        add_all(paid, self.books[self.order[0]].upfront(world))
        return paid

    def first_runs(self, world: World) -> dict:
        return self.books[self.order[0]].first_runs(world)

    def decide(self, world: World, course: Course, intervals: dict) -> Course:
        """Complete what is due, decide the next step, retrain what is in use."""
        t, once = world.t, world.once
        stage, decided, complete_in = course.stage, course.decided, course.complete_in
        clocks, adopted = dict(course.clocks), dict.fromkeys(self.all_trained, False)
        decisions = []

        def complete() -> None:
            nonlocal stage, complete_in
            now = complete_in == t
            stage = stage + now
            complete_in = jnp.where(now, NEVER, complete_in)
            for name, book in self.books.items():
                for part in book.trained:
                    starts = now & self.in_use(name, stage)
                    clocks[part] = started(self.plain[part], clocks[part], starts, t - 1.0, intervals)
                    adopted[part] = adopted[part] | starts

        complete()
        free = complete_in == NEVER
        for number, step in enumerate(self.strategy.then):
            now = free & (decided == number) & self._holds(step.when, world, course.streaks.get(number))
            free = free & ~now
            decisions.append(now)
            decided = jnp.where(now, number + 1, decided).astype(jnp.int32)
            takes = jnp.asarray(whole(once(step.takes))).astype(jnp.int32)
            complete_in = jnp.where(now, t + takes, complete_in)
        if any(isinstance(once(step.takes), float) and once(step.takes) == 0 for step in self.strategy.then):
            complete()
        own = {}
        for part, strategy in self.plain.items():
            used = False
            for name, book in self.books.items():
                if part in book.trained:
                    used = used | self.in_use(name, stage)
            eligible = used & ~adopted[part]
            due, clocks[part] = retrained(strategy, world, clocks[part], intervals, eligible)
            own[part] = (t - 1.0) - clocks[part].last, due
        streaks = {}
        for number, streak in course.streaks.items():
            bound = once(self.strategy.then[number].when.requests_above) * (1.0 + TOLERANCE)
            streaks[number] = jnp.where(world.volume > bound, streak + 1, 0)
        world.courses[self.name] = stage, decisions, own
        return Course(stage, decided, complete_in, streaks, clocks)

    def _holds(self, when, world: World, streak):
        if when.at is not None:
            return world.t == when.at
        if when.on is not None:
            return world.happens[when.on]
        after = max(when.not_before or 0, 1)
        return (world.t > after) & (streak >= (when.for_ or 1))

    def running(self, world: World, clocks: dict, volume) -> dict:
        stage, decisions, own = world.courses[self.name]
        paid = self.items.regular(world)
        add_all(paid, self.items.per_request(world), volume)
        for name, book in self.books.items():
            add_all(paid, book.running(world, clocks | own, volume), self.in_use(name, stage))
        used = {self.order[0]}
        for step, now in zip(self.strategy.then, decisions, strict=True):
            add_all(paid, self._step(step, world, step.migrate_to not in used), now)
            used.add(step.migrate_to)
        return paid

    def _step(self, step, world: World, is_new: bool) -> dict:
        paid: dict = {}
        if step.cost is not None:
            add(paid, "other", world.once(step.cost) * world.inflation)
        if step.hours is not None:
            add(paid, "labor", world.once(step.hours) * world.wage(step.role))
        add_all(paid, self.books[step.migrate_to].first_runs(world))
        if is_new:
            add_all(paid, self.books[step.migrate_to].upfront(world))
        return paid


def training_runs(book, world: World):
    """Give the number of runs that a strategy pays in the month."""
    count = jnp.where(world.t == 1, float(len(book.trained)), 0.0)
    clocks = {name: world.clocks[name] for name in book.trained if name in world.clocks}
    if isinstance(book, Migrating):
        _, decisions, clocks = world.courses[book.name]
        for step, now in zip(book.strategy.then, decisions, strict=True):
            count = count + now * float(len(book.books[step.migrate_to].trained))
    for _, due in clocks.values():
        if due is not None:
            count = count + due
    return count


def failure_share(strategy, once: Once, since):
    """Give the share of failed requests `since` months after the last run."""
    quality = TECHNIQUES[strategy.training.technique][1] if strategy.training is not None else 1.0
    failures = 1.0 - (1.0 - once(strategy.failures)) * quality
    return jnp.clip(failures + once(strategy.failure_drift) * since, 0.0, 1.0)


def started(strategy, clock: Clock, where, last, intervals: dict) -> Clock:
    """Count a run as done by the end of month `last`."""
    interval = clock.interval
    if strategy.retrain is not None and strategy.retrain.every is not None:
        table = intervals[strategy.retrain.every.name]
        lanes = jnp.arange(table.shape[1])
        number = jnp.minimum(clock.counted, table.shape[0] - 1)
        interval = jnp.where(where, table.at[number, lanes].get(mode="promise_in_bounds"), interval)
    return Clock(jnp.where(where, last, clock.last), interval, clock.counted + where)


def retrained(strategy, world: World, clock: Clock, intervals: dict, eligible=True):
    """Train where it is due: give where that is, None where it never is, and the clock after it."""
    rule = strategy.retrain
    if rule is None:
        return None, clock
    since = (world.t - 1.0) - clock.last
    due = since >= clock.interval * (1.0 - TOLERANCE)
    for event in rule.on:
        due = due | world.happens[event]
    if rule.when_failures_exceed is not None:
        share = failure_share(strategy, world.once, since)
        due = due | (share > rule.when_failures_exceed * (1.0 + TOLERANCE))
    due = due & eligible & (world.t > 1)
    return due, started(strategy, clock, due, world.t - 1.0, intervals)
