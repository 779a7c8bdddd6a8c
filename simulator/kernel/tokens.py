"""Bill the requests that a plain strategy serves in a month: tokens, failures, waiting (MODEL.md 7, 8 and 9)."""

from __future__ import annotations

from distributions.jit import atom, lane_kernel
from simulator.kernel.layout import (
    FAILURE_BASE,
    FAILURE_COST,
    FAILURE_DRIFT,
    FAILURES,
    INFLATION,
    INPUT_FACTOR,
    INPUT_TOKENS,
    LABOR,
    LATENCY,
    LEG_PHASE,
    LEG_PLAIN,
    LEG_SHARE,
    LEG_VOLUME,
    OTHER,
    OUTPUT_COST,
    OUTPUT_FACTOR,
    OUTPUT_TOKENS,
    PROMPT_COST,
    PROMPT_GROWTH,
    PROMPT_LATENCY,
    PROMPT_ROW,
    REQUEST_COST,
    REQUEST_LATENCY,
    RETRIEVED_ROW,
    SERVING,
    TOKEN_PRICE,
    TRAINING,
    VOLUME,
)


@lane_kernel
def grow_prompts(prompts, shared, at):
    """Take what a request holds whatever its length to month t: the prompt as it has grown, and what is retrieved.

    Writes: `prompt` (prompt, lane), in tokens, their cost, or the wait for them.
    """
    value, growth, prompt = shared.value, shared.growth, shared.prompt
    for p in range(prompts.shape[0]):
        growing = prompts[p, PROMPT_GROWTH]
        if at.t == 1 or growing > 0:
            first, retrieved = prompts[p, PROMPT_ROW], prompts[p, RETRIEVED_ROW]
            for j in range(at.n):
                prompt[p, j] = value[first, j] * growth[growing, j] + value[retrieved, j]


@atom
def failing_share(at_rest, drift, months):
    """clip(f_0 + drift a, 0, 1), a the months since the last training run."""
    return min(max(at_rest + drift * months, 0.0), 1.0)


@lane_kernel
def bill_requests(plains, legs, demand, shared, costs, active, last, clock, leg, at, first):
    """Bill the requests of one leg.

    Parameters
    ----------
    active
        (phase, lane) 1 where the phase is the one paid.
    last, clock
        (clock, lane) month after which the last training run took place; row `clock` is the leg's.
    first
        Whether it is the first leg of its strategy: there is nothing yet to add to, and other components begin at 0.

    Writes: `cost` (component, lane) [currency/month]; `scratch` row LEG_VOLUME, requests of the leg [req/month].

    Notes
    -----
    One loop, so that every lane array is read once. What a strategy does not have (no tokens, no latency) is a row of
    zeros.
    """
    value, growth, month, price, prompt = (
        shared.value,
        shared.growth,
        shared.month,
        shared.price,
        shared.prompt,
    )
    cost, scratch = costs.cost, costs.scratch
    p, share, phase = legs[leg, LEG_PLAIN], legs[leg, LEG_SHARE], legs[leg, LEG_PHASE]
    level, inflation = plains[p, TOKEN_PRICE], demand[INFLATION]
    of_prompt, of_request, of_output = plains[p, PROMPT_COST], plains[p, REQUEST_COST], plains[p, OUTPUT_COST]
    wait, wait_request = plains[p, PROMPT_LATENCY], plains[p, REQUEST_LATENCY]
    at_rest, drift, each = plains[p, FAILURE_BASE], plains[p, FAILURE_DRIFT], plains[p, FAILURE_COST]
    now = float(at.t - 1)
    if first:
        for j in range(at.n):
            volume = active[phase, j] * value[share, j] * month[VOLUME, j]
            scratch[LEG_VOLUME, j] = volume
            longer, dearer = month[INPUT_FACTOR, j], growth[inflation, j]
            tokens = prompt[of_prompt, j] + value[of_request, j] * longer
            answer = value[of_output, j] * month[OUTPUT_FACTOR, j]
            waited = prompt[wait, j] + value[wait_request, j] * longer
            failing = failing_share(value[at_rest, j], value[drift, j], now - last[clock, j])
            cost[INPUT_TOKENS, j] = volume * (tokens * price[level, j])
            cost[OUTPUT_TOKENS, j] = volume * (answer * price[level, j])
            cost[FAILURES, j] = volume * failing * value[each, j] * dearer
            cost[LATENCY, j] = volume * (waited * dearer)
            cost[TRAINING, j] = 0.0
            cost[SERVING, j] = 0.0
            cost[LABOR, j] = 0.0
            cost[OTHER, j] = 0.0
    else:
        for j in range(at.n):
            volume = active[phase, j] * value[share, j] * month[VOLUME, j]
            scratch[LEG_VOLUME, j] = volume
            longer, dearer = month[INPUT_FACTOR, j], growth[inflation, j]
            tokens = prompt[of_prompt, j] + value[of_request, j] * longer
            answer = value[of_output, j] * month[OUTPUT_FACTOR, j]
            waited = prompt[wait, j] + value[wait_request, j] * longer
            failing = failing_share(value[at_rest, j], value[drift, j], now - last[clock, j])
            cost[INPUT_TOKENS, j] += volume * (tokens * price[level, j])
            cost[OUTPUT_TOKENS, j] += volume * (answer * price[level, j])
            cost[FAILURES, j] += volume * failing * value[each, j] * dearer
            cost[LATENCY, j] += volume * (waited * dearer)
