"""Hold the cash of every lifetime, and sum it over components and months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

COMPONENTS = ("input_tokens", "output_tokens", "training", "serving", "labor", "failures", "latency", "other")


@dataclass(frozen=True)
class Result:
    """What every simulated lifetime did.

    Attributes
    ----------
    plan
        The plan.
    lifetimes
        (lifetime) their numbers.
    strategies
        Names of the strategies that are no parts, in file order.
    requests
        (lifetime, month) V_t [req/month].
    price_level
        By process, (lifetime, month) D_t [1].
    happens
        By "events.NAME" and "models.NAME.retired", (lifetime, month) bool.
    running
        (lifetime, strategy, component, month) cash but for what is paid upfront in month 1 [currency].
    upfront
        (lifetime, strategy, component) cash paid upfront in month 1 [currency].
    training_runs
        (lifetime, strategy, month) runs paid in the month.
    discount
        (lifetime) yearly discount rate [1].
    failure_share
        By plain strategy, (lifetime, month) f_t in [0, 1] when used from month 1 on.
    stage
        By migrating strategy, (lifetime, month) number of steps that are complete.
    decided
        By migrating strategy, (lifetime, step) month tau of the decision, 0 for never.
    route_share
        By routed strategy and part, (lifetime) w_i in [0, 1].
    inputs
        By dotted name, (lifetime) value in canonical units of what is drawn once per lifetime.
    """

    plan: object
    lifetimes: np.ndarray
    strategies: tuple[str, ...]
    requests: np.ndarray
    price_level: dict[str, np.ndarray]
    happens: dict[str, np.ndarray]
    running: np.ndarray
    upfront: np.ndarray
    training_runs: np.ndarray
    discount: np.ndarray
    failure_share: dict[str, np.ndarray]
    stage: dict[str, np.ndarray]
    decided: dict[str, np.ndarray]
    route_share: dict[str, dict[str, np.ndarray]]
    inputs: dict[str, np.ndarray]

    @property
    def cost(self) -> np.ndarray:
        """(lifetime, strategy, component, month) cash [currency], upfront costs in month 1."""
        cash = self.running.copy()
        cash[..., 0] += self.upfront
        return cash

    def monthly(self, components=COMPONENTS) -> np.ndarray:
        """Return (lifetime, strategy, month) cash of `components`."""
        cash = self.running[:, :, _indices(components)].sum(axis=2)
        cash[..., 0] += self.upfront[:, :, _indices(components)].sum(axis=2)
        return cash

    def cumulative(self, components=COMPONENTS) -> np.ndarray:
        """Return (lifetime, strategy, month) cash of `components` up to the month."""
        return np.cumsum(self.monthly(components), axis=2)

    def present(self, components=COMPONENTS) -> np.ndarray:
        """Return (lifetime, strategy, month) upfront + sum of running_k (1 + discount)^(-k/12)."""
        months = np.arange(1, self.running.shape[-1] + 1)
        factor = (1.0 + self.discount[:, None]) ** (-months / 12.0)
        running = self.running[:, :, _indices(components)].sum(axis=2) * factor[:, None, :]
        upfront = self.upfront[:, :, _indices(components)].sum(axis=2)
        return upfront[:, :, None] + np.cumsum(running, axis=2)


def _indices(components) -> list[int]:
    return [COMPONENTS.index(component) for component in components]
