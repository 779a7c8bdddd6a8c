"""Hold what all strategies of a lifetime share: volume, lengths, prices, events, wages, inflation."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tests.reference_model.demand import requests
from tests.reference_model.events import occurrences
from tests.reference_model.of_the_month import of_the_month
from tests.reference_model.prices import price_levels


class World:
    """The common part of the lifetimes; rows are months (row t - 1 is month t), columns lifetimes.

    Parameters
    ----------
    plan
        A plan as `simulator.plan` reads it.
    draws
        Where its variates come from.
    """

    def __init__(self, plan, draws):
        self.plan = plan
        self.draws = draws
        self.horizon = plan.horizon
        self.size = draws.size
        self._growth: dict[str, list] = {}
        self._noise: dict[str, list] = {}

    def once(self, quantity, default=0.0):
        """Return a lifetime's value of `quantity`, a float where it is a constant; `default` if absent."""
        return default if quantity is None else self.draws.once(quantity)

    def growth(self, rate) -> list:
        """Return (1 + rate)^((t-1)/12) of the months t = 1 … H for a yearly rate; 1 if absent."""
        if rate is None:
            return [1.0] * self.horizon
        if rate.name not in self._growth:
            monthly = (1.0 + self.once(rate)) ** (1.0 / 12.0)
            factors = [1.0 + 0.0 * monthly]
            for _ in range(1, self.horizon):
                factors.append(factors[-1] * monthly)
            self._growth[rate.name] = factors
        return self._growth[rate.name]

    def noise(self, sd, stream: str) -> list:
        """Return exp(s eps_t - s^2/2), mean 1, of each month for the ln-sd quantity `sd`; 1 if absent."""
        s = self.once(sd)
        if sd is None or (np.ndim(s) == 0 and s == 0.0):
            return [1.0] * self.horizon
        if stream not in self._noise:
            normals = self.draws.monthly_normals(stream)
            self._noise[stream] = [np.exp(s * eps - s * s / 2.0) for eps in normals]
        return self._noise[stream]

    @cached_property
    def happens(self) -> dict[str, np.ndarray]:
        """(month, lifetime) bool, by "events.NAME" and "models.NAME.retired"."""
        return occurrences(self.plan, self.draws)

    @cached_property
    def volume(self) -> np.ndarray:
        """(month, lifetime) V_t [req/month]."""
        return requests(self)

    @cached_property
    def levels(self) -> dict[str, np.ndarray]:
        """(month, lifetime) price level D_t [1], by process."""
        return price_levels(self)

    @cached_property
    def input_noise(self) -> list:
        """n_t of the input length."""
        return self.noise(self.plan.request.variation, "request.input:variation")

    @cached_property
    def output_noise(self) -> list:
        """n_t of the output length."""
        return self.noise(self.plan.request.variation, "request.output:variation")

    @cached_property
    def inflation(self) -> list:
        """(1 + inflation)^((t-1)/12)."""
        return self.growth(self.plan.finance.inflation)

    @of_the_month
    def request_lengths(self, t: int) -> tuple:
        """Return I_t and O_t of the plan's request [tok/req]."""
        request = self.plan.request
        return self.input_length(request.input, t), self.output_length(request.output, t)

    def input_length(self, base, t: int):
        """Return the input tokens of month t of a request of `base` tokens in month 1."""
        grown = self.once(base) * self.growth(self.plan.request.input_growth)[t - 1]
        return grown * self.input_noise[t - 1]

    def output_length(self, base, t: int):
        """Return the output tokens of month t of an answer of `base` tokens in month 1."""
        grown = self.once(base) * self.growth(self.plan.request.output_growth)[t - 1]
        return grown * self.output_noise[t - 1]

    @of_the_month
    def wage(self, role: str, t: int):
        """Return the rate of `role` in month t [USD/h]."""
        people = self.plan.people
        return self.once(people.roles[role]) * self.growth(people.raise_)[t - 1]

    def price_factor(self, premium, process: str | None, t: int):
        """Return (1 + premium) D_t; D_t is 1 without a process."""
        level = 1.0 if process is None else self.levels[process][t - 1]
        return (1.0 + self.once(premium)) * level
