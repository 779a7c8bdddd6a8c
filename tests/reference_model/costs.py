"""Price a plain strategy: its tokens, servers, failures, latency, items and training runs."""

from __future__ import annotations

import numpy as np

from tests.reference_model.events import whole
from tests.reference_model.items import HOURS_A_MONTH, Items, add, add_all
from tests.reference_model.of_the_month import of_the_month
from tests.reference_model.training import TECHNIQUES, Failures

SECONDS_A_MONTH = 2_628_000.0
BATCH_DISCOUNT = 0.5


class PlainCosts:
    """Costs [USD] by component of one plain strategy; months t = 1 … H, arrays (lifetime) or floats."""

    def __init__(self, strategy, world):
        self.world = world
        self.name = strategy.name
        self.strategy = strategy
        self.trained = (strategy.name,) if strategy.training is not None else ()
        self.items = Items(strategy.costs, world)
        self.failures = Failures(strategy, world)
        self.calls = 1.0 + world.once(strategy.retries)
        if strategy.model is not None:
            model = world.plan.models[strategy.model]
            discount = world.once(model.batch_discount, BATCH_DISCOUNT)
            self.tokens_paid = self.calls * (1.0 - world.once(strategy.batched) * discount) / 1e6
            cached = world.once(strategy.cached)
            self.uncached = 1.0 - cached
            self.cached_cost = cached * world.once(model.cached_price, world.once(model.input_price))

    def upfront(self, t: int) -> dict:
        """Return the upfront items as they are paid in month t, without a training run."""
        return self.items.upfront(t)

    def first_runs(self, t: int) -> dict:
        """Return one training run in month t, nothing for a strategy without training."""
        return self.run(t) if self.trained else {}

    def running(self, t: int, clocks: dict, volume=None) -> dict:
        """Return the running cash of month t at `volume` requests, by default all of them."""
        volume = self.world.volume[t - 1] if volume is None else volume
        own = clocks[self.name]
        paid: dict = dict(self.regular(t))
        add_all(paid, self.per_request(t), volume)
        if self.strategy.serving is not None:
            add(paid, "serving", self.serving(t, volume))
        cost_of_failure = self.cost_of_failure(t)
        if cost_of_failure is not None:
            add(paid, "failures", volume * (self.failures.share(own.since[t - 1]) * cost_of_failure))
        runs = own.runs[t - 1]
        if runs is not None:
            add_all(paid, self.run(t), runs.astype(float))
        return paid

    @of_the_month
    def regular(self, t: int) -> dict:
        """Return the items that month t costs whatever is asked."""
        return self.items.regular(t)

    @of_the_month
    def lengths(self, t: int) -> tuple:
        """Return the tokens of a request: prompt P_t, retrieved, input I_t, output [tok/req]."""
        world, strategy = self.world, self.strategy
        prompt = world.once(strategy.prompt) * world.growth(strategy.prompt_growth)[t - 1]
        given, made = world.request_lengths(t)
        if strategy.input is not None:
            given = world.input_length(strategy.input, t)
        if strategy.output is not None:
            made = world.output_length(strategy.output, t)
        if strategy.output_ratio is not None:
            made = made * world.once(strategy.output_ratio)
        return prompt, world.once(strategy.retrieved), given, made

    @of_the_month
    def per_request(self, t: int) -> dict:
        """Return what one more request costs in month t: tokens, latency, /req and /kreq items."""
        world, strategy = self.world, self.strategy
        prompt, retrieved, given, made = self.lengths(t)
        paid = dict(self.items.per_request(t))
        if strategy.model is not None:
            model = world.plan.models[strategy.model]
            per_token = self.model_factor(t) * self.tokens_paid
            price = world.once(model.input_price)
            if strategy.cached is None:
                bill = (prompt + retrieved + given) * price
            else:
                bill = (prompt * self.uncached + retrieved + given) * price + prompt * self.cached_cost
            paid["input_tokens"] = bill * per_token
            paid["output_tokens"] = made * (world.once(model.output_price) * per_token)
        if strategy.latency is not None and world.plan.quality.cost_per_second is not None:
            per_input = world.once(strategy.latency.per_input)
            seconds = world.once(strategy.latency.base) + per_input * (prompt + retrieved + given) / 1000.0
            cost_per_second = world.once(world.plan.quality.cost_per_second) * world.inflation[t - 1]
            paid["latency"] = seconds * cost_per_second
        return paid

    def serving(self, t: int, volume):
        """Return replicas_t x gpus x 730 h x gpu_price_t at `volume` requests."""
        world, serving = self.world, self.strategy.serving
        load = volume * self.calls
        if serving.capacity.dimension.name == "token_capacity":
            load = load * sum(self.lengths(t))
        needed = load * world.once(serving.peak, 1.0) / (SECONDS_A_MONTH * world.once(serving.capacity))
        replicas = np.maximum(serving.min_replicas, whole(needed))
        gpu_price = world.once(serving.gpu_price) * world.price_factor(serving.premium, serving.prices, t)
        return replicas * (serving.gpus * HOURS_A_MONTH * gpu_price)

    def cost_of_failure(self, t: int):
        """Return the cost of one failure in month t, None where the plan names none."""
        own = self.strategy.cost_per_failure
        quantity = self.world.plan.quality.cost_per_failure if own is None else own
        return None if quantity is None else self.world.once(quantity) * self.world.inflation[t - 1]

    @of_the_month
    def run(self, t: int) -> dict:
        """Return one training run in month t: its compute and the items /run."""
        once, training = self.world.once, self.strategy.training
        paid = dict(self.items.run(t))
        attempts = once(training.attempts, 1.0)
        if training.gpu_hours is not None:
            hours = once(training.gpu_hours) * TECHNIQUES[training.technique][0]
            gpu_price = once(training.gpu_price) * self.world.price_factor(
                training.premium, training.prices, t
            )
            paid["training"] = attempts * hours * gpu_price
            return paid
        tokens = once(training.examples) * once(training.tokens_per_example) * once(training.epochs)
        price = training.price
        if price is None:
            price = self.world.plan.models[self.strategy.model].training_price
        compute = tokens * (once(price) * self.model_factor(t)) / 1e6
        paid["training"] = np.maximum(once(training.minimum), compute) * attempts
        return paid

    @of_the_month
    def model_factor(self, t: int):
        """Return (1 + premium) D_t of the strategy's model, 1 where it has none."""
        if self.strategy.model is None:
            return 1.0
        model = self.world.plan.models[self.strategy.model]
        return self.world.price_factor(model.premium, model.prices, t)
