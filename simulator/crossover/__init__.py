"""Ask how the answer depends on volume: win probability over volume, crossover in calls and months."""

from simulator.crossover.curves import DEFAULT_LIFETIMES, crossover

__all__ = ["DEFAULT_LIFETIMES", "crossover"]
