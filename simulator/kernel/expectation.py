"""Take means over the price changes: given everything else, they are known exactly (MODEL.md, Quasi-random points).

What is billed in tokens and in hours of rented GPUs is proportional to a price level, and nothing depends on a level.
So its mean over the changes at random is the same bill at the level that is expected. How far what is drawn lies below
that is added to the sums beside it; histograms and counts keep what is drawn.
"""

from __future__ import annotations

from distributions.jit import lane_kernel
from simulator.kernel.layout import (
    ADD_DRAWN,
    ADD_EXPECTED,
    ADD_PER_KREQ,
    ADD_PRESENT,
    BELOW_COMPARED,
    BELOW_CUMULATIVE,
    BELOW_INPUT,
    BELOW_OUTPUT,
    BELOW_PRESENT,
    BELOW_ROWS,
    BELOW_SERVING,
    BELOW_TOTALS,
    COMPARED,
    DISCOUNTING,
    GPU_PRICE,
    HAS_SERVING,
    INPUT_FACTOR,
    INPUT_TOKENS,
    LEG_PLAIN,
    LEG_VOLUME,
    OUTPUT_COST,
    OUTPUT_FACTOR,
    OUTPUT_TOKENS,
    PRESENT,
    PROMPT_COST,
    REQUEST_COST,
    RUNNING,
    SERVING,
    SUM_BREAKDOWN,
    SUM_COMPARED,
    SUM_EXPECTED,
    SUM_PER_KREQ,
    SUM_PRESENT,
    TOKEN_PRICE,
    TOTAL_REQUESTS,
    TOTAL_ROWS,
)
from simulator.kernel.tallying import add_batches


@lane_kernel
def begin_expecting(below, n):
    """Set what the month of a strategy is billed below its expectation to zero.

    Writes: `below` rows of the month (lane).
    """
    for j in range(n):
        below[BELOW_INPUT, j] = 0.0
        below[BELOW_OUTPUT, j] = 0.0
        below[BELOW_SERVING, j] = 0.0


@lane_kernel
def expect_bill(plains, legs, shared, costs, leg, at):
    """Add how far the bill of one leg, which has just been written, lies below its expectation.

    Writes: `below` rows of the month (lane) [currency/month].
    """
    value, month, price, prompt = shared.value, shared.month, shared.price, shared.prompt
    below, scratch = costs.below, costs.scratch
    p = legs[leg, LEG_PLAIN]
    processes = price.shape[0] // 2  # of 1 + 2 processes rows
    level = plains[p, TOKEN_PRICE]
    if level > 0:
        expected = level + processes
        of_prompt, of_request, of_output = (
            plains[p, PROMPT_COST],
            plains[p, REQUEST_COST],
            plains[p, OUTPUT_COST],
        )
        for j in range(at.n):
            missing = scratch[LEG_VOLUME, j] * (price[expected, j] - price[level, j])
            tokens = prompt[of_prompt, j] + value[of_request, j] * month[INPUT_FACTOR, j]
            below[BELOW_INPUT, j] += tokens * missing
            below[BELOW_OUTPUT, j] += value[of_output, j] * month[OUTPUT_FACTOR, j] * missing
    level = plains[p, GPU_PRICE]
    if plains[p, HAS_SERVING] == 1 and level > 0:
        expected = level + processes
        for j in range(at.n):
            below[BELOW_SERVING, j] += scratch[RUNNING, j] * (price[expected, j] - price[level, j])


@lane_kernel
def tally_expected(accounts, compared, month, costs, sums, at, s):
    """Bring the sums of a month of strategy s, all of them of what is drawn, to what is expected.

    Writes: `below` rows of the strategy and of its sums; `sums`, but SUM_COMPARED, which regrets need, stays that of
    what is drawn.

    Notes
    -----
    All is brought into rows of one array, so that there is one call: each would be compiled on its own.
    """
    below, total = costs.below, costs.total
    strategies, months = compared.strategies.shape[0], accounts.calendar.shape[0]
    now = (at.t - 1) * strategies + s
    base, drawn = BELOW_ROWS + s * BELOW_TOTALS, s * TOTAL_ROWS
    chosen = accounts.compared
    of_input, of_output, of_serving = chosen[INPUT_TOKENS], chosen[OUTPUT_TOKENS], chosen[SERVING]
    column = drawn + (PRESENT if accounts.compares_all else COMPARED)
    for j in range(at.n):
        bill, answers, replicas = below[BELOW_INPUT, j], below[BELOW_OUTPUT, j], below[BELOW_SERVING, j]
        running = bill + answers + replicas
        held = bill * of_input + answers * of_output + replicas * of_serving
        cumulative = below[base + BELOW_CUMULATIVE, j] + running
        present = below[base + BELOW_PRESENT, j] + running * month[DISCOUNTING, j]
        compared_cost = below[base + BELOW_COMPARED, j] + held * month[DISCOUNTING, j]
        below[base + BELOW_CUMULATIVE, j] = cumulative
        below[base + BELOW_PRESENT, j] = present
        below[base + BELOW_COMPARED, j] = compared_cost
        below[ADD_PRESENT, j] = present
        below[ADD_DRAWN, j] = total[column, j]
        below[ADD_EXPECTED, j] = total[column, j] + compared_cost
        below[ADD_PER_KREQ, j] = cumulative * 1000.0 / month[TOTAL_REQUESTS, j]
    first = accounts.sums
    breakdown = first[SUM_BREAKDOWN] + now * compared.components.shape[1]
    numbers = (
        breakdown + INPUT_TOKENS,
        breakdown + OUTPUT_TOKENS,
        breakdown + SERVING,
        first[SUM_PRESENT] + now,
        first[SUM_COMPARED] + now,
        first[SUM_EXPECTED] + now,
        first[SUM_PER_KREQ] + s,
    )
    for row in range(BELOW_ROWS):
        is_added = at.t == months if row == ADD_PER_KREQ else row != ADD_DRAWN or accounts.compares_all
        if is_added:
            add_batches(sums, numbers[row], below, row, at.n)
