"""Price one request of each plain strategy: tokens, latency and the load it makes (MODEL.md 8 and 9)."""

from __future__ import annotations

from distributions.jit import lane_kernel
from simulator.kernel.layout import (
    HAS_LATENCY,
    HAS_SERVING,
    HAS_TOKENS,
    INFLATION,
    INPUT_FACTOR,
    LATENCY_BASE,
    LATENCY_PROMPT,
    LATENCY_REQUEST,
    LOAD,
    LOAD_IN_TOKENS,
    OUTPUT_COST,
    OUTPUT_FACTOR,
    OUTPUT_TOKENS_SERVED,
    PROMPT_COST,
    PROMPT_GROWTH,
    PROMPT_TOKENS,
    REQUEST_COST,
    REQUEST_TOKENS,
    RETRIEVED_COST,
    RETRIEVED_TOKENS,
    TOKEN_PRICE,
    UNIT_INPUT,
    UNIT_LATENCY,
    UNIT_LOAD,
    UNIT_OUTPUT,
    UNIT_ROWS,
)


@lane_kernel
def price_requests(plains, demand, shared, unit, n):
    """Work out what one request of each plain strategy costs in tokens and waiting, and its load.

    Writes: `unit` (plain * UNIT_ROWS, lane) rows UNIT_INPUT, UNIT_OUTPUT, UNIT_LATENCY [currency/req],
    UNIT_LOAD [replica/(req/month)].
    """
    value, growth, month, price = shared.value, shared.growth, shared.month, shared.price
    for p in range(plains.shape[0]):
        base = p * UNIT_ROWS
        prompt = plains[p, PROMPT_GROWTH]
        if plains[p, HAS_TOKENS] == 1:
            level = plains[p, TOKEN_PRICE]
            of_prompt = plains[p, PROMPT_COST]
            of_retrieved = plains[p, RETRIEVED_COST]
            of_request = plains[p, REQUEST_COST]
            of_output = plains[p, OUTPUT_COST]
            for j in range(n):
                tokens = value[of_prompt, j] * growth[prompt, j] + value[of_retrieved, j]
                tokens += value[of_request, j] * month[INPUT_FACTOR, j]
                unit[base + UNIT_INPUT, j] = tokens * price[level, j]
                unit[base + UNIT_OUTPUT, j] = value[of_output, j] * month[OUTPUT_FACTOR, j] * price[level, j]
        if plains[p, HAS_LATENCY] == 1:
            wait = plains[p, LATENCY_BASE]
            of_prompt = plains[p, LATENCY_PROMPT]
            of_request = plains[p, LATENCY_REQUEST]
            inflation = demand[INFLATION]
            for j in range(n):
                cost = value[wait, j] + value[of_prompt, j] * growth[prompt, j]
                cost += value[of_request, j] * month[INPUT_FACTOR, j]
                unit[base + UNIT_LATENCY, j] = cost * growth[inflation, j]
        if plains[p, HAS_SERVING] == 1:
            load = plains[p, LOAD]
            if plains[p, LOAD_IN_TOKENS] == 1:
                of_prompt = plains[p, PROMPT_TOKENS]
                of_retrieved = plains[p, RETRIEVED_TOKENS]
                of_request = plains[p, REQUEST_TOKENS]
                of_output = plains[p, OUTPUT_TOKENS_SERVED]
                for j in range(n):
                    tokens = value[of_prompt, j] * growth[prompt, j] + value[of_retrieved, j]
                    tokens += value[of_request, j] * month[INPUT_FACTOR, j]
                    unit[base + UNIT_LOAD, j] = tokens * value[load, j]
                for j in range(n):
                    tokens = value[of_output, j] * month[OUTPUT_FACTOR, j]
                    unit[base + UNIT_LOAD, j] += tokens * value[load, j]
            else:
                for j in range(n):
                    unit[base + UNIT_LOAD, j] = value[load, j]
