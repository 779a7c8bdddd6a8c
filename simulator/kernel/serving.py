"""Run the replicas of a strategy that serves its own model (MODEL.md 9)."""

from __future__ import annotations

from distributions.jit import ceil, lane_kernel
from simulator.kernel.events import TOLERANCE
from simulator.kernel.layout import (
    GPU_PRICE,
    INPUT_FACTOR,
    LEG_PHASE,
    LEG_PLAIN,
    LEG_VOLUME,
    LOAD,
    LOAD_IN_TOKENS,
    MIN_REPLICAS,
    OUTPUT_FACTOR,
    OUTPUT_TOKENS_SERVED,
    PROMPT_TOKENS,
    REPLICA_COST,
    REQUEST_TOKENS,
    RUNNING,
    SERVING,
)


@lane_kernel
def run_replicas(plains, legs, shared, costs, active, leg, at):
    """Pay for the replicas that one leg needs for its requests, whose number stands in `scratch`.

    Writes: `cost` row SERVING (lane) [currency/month], added to; `scratch` row RUNNING, the same at price level 1.
    """
    value, month, price, prompt = shared.value, shared.month, shared.price, shared.prompt
    cost, scratch = costs.cost, costs.scratch
    p = legs[leg, LEG_PLAIN]
    load = plains[p, LOAD]
    if plains[p, LOAD_IN_TOKENS] == 1:
        of_prompt, of_request = plains[p, PROMPT_TOKENS], plains[p, REQUEST_TOKENS]
        of_output = plains[p, OUTPUT_TOKENS_SERVED]
        for j in range(at.n):
            tokens = prompt[of_prompt, j] + value[of_request, j] * month[INPUT_FACTOR, j]
            answer = value[of_output, j] * month[OUTPUT_FACTOR, j]
            scratch[RUNNING, j] = tokens * value[load, j] + answer * value[load, j]
    else:
        for j in range(at.n):
            scratch[RUNNING, j] = value[load, j]
    replica, least, gpu = plains[p, REPLICA_COST], plains[p, MIN_REPLICAS], plains[p, GPU_PRICE]
    phase = legs[leg, LEG_PHASE]
    for j in range(at.n):
        needed = ceil(scratch[LEG_VOLUME, j] * scratch[RUNNING, j] * (1.0 - TOLERANCE))
        replicas = active[phase, j] * max(value[least, j], needed)
        scratch[RUNNING, j] = replicas * value[replica, j]
        cost[SERVING, j] += scratch[RUNNING, j] * price[gpu, j]
