"""Lower one plain strategy: fold its prices, shares and lengths into what a request costs (MODEL.md 6 to 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.kernel import layout as k
from simulator.lowering.rows import Value
from simulator.plan.strategy import Plain, Training

if TYPE_CHECKING:
    from simulator.lowering.strategies import Strategies

SECONDS_PER_MONTH = 2_628_000.0
HOURS_PER_MONTH = 730.0
PER_MTOK = 1e-6
PER_KTOK = 1e-3
DEFAULT_BATCH_DISCOUNT = 0.5


# Share of the time, and of the quality, of full fine-tuning.
TECHNIQUES = {
    "full": (1.0, 1.0),
    "lora-16": (0.15, 0.98),
    "lora-64": (0.25, 0.99),
    "qlora": (0.20, 0.97),
    "prefix": (0.18, 0.96),
    "prompt-tuning": (0.05, 0.92),
}


class _Size(NamedTuple):
    """What a request takes: lengths [tok/req], and how often it is made until it succeeds [1]."""

    prompt: Value
    growing: int  # growth class of the prompt
    retrieved: Value
    request: Value
    output: Value
    retries: Value


def lower_plain(tables: Strategies, strategy: Plain, row: np.ndarray) -> None:
    """Fill the row of a plain strategy.

    Parameters
    ----------
    tables
        Where prices, growth classes and values get their numbers.
    strategy
        The strategy, what it extends taken over.
    row
        (PLAIN_COLUMNS,) zeros, filled here but for the number of the owner.
    """
    plan, rows = tables.plan, tables.rows
    own = strategy.output if strategy.output is not None else plan.request.output
    size = _Size(
        prompt=rows.value(strategy.prompt),
        retrieved=rows.value(strategy.retrieved),
        request=rows.value(strategy.input if strategy.input is not None else plan.request.input),
        output=rows.product(rows.value(own), rows.value(strategy.output_ratio, 1.0)),
        retries=rows.sum(1.0, rows.value(strategy.retries)),
        growing=tables.growth(strategy.prompt_growth),
    )
    # what it does not have is a row of zeros
    row[[k.REQUEST_COST, k.OUTPUT_COST, k.REQUEST_LATENCY]] = rows.row(0.0)
    row[[k.PROMPT_COST, k.PROMPT_LATENCY]] = tables.prompt(0.0, 0, 0.0)
    if strategy.model is not None:
        _lower_tokens(tables, strategy, row, size)
    _lower_latency(tables, strategy, row, size)
    if strategy.serving is not None:
        _lower_serving(tables, strategy, row, size)
    quality = 1.0
    if strategy.training is not None:
        _lower_training(tables, strategy, strategy.training, row)
        quality = TECHNIQUES[strategy.training.technique][1]
    _lower_failures(tables, strategy, row, quality)


def _lower_tokens(tables: Strategies, strategy: Plain, row: np.ndarray, size: _Size) -> None:
    rows = tables.rows
    model = tables.plan.models[strategy.model]
    cached = rows.value(strategy.cached)
    discount = rows.value(model.batch_discount, DEFAULT_BATCH_DISCOUNT)
    billed = rows.complement(rows.product(rows.value(strategy.batched), discount))
    each = rows.product(size.retries, billed, rows.sum(1.0, rows.value(model.premium)), PER_MTOK)
    input_price = rows.value(model.input_price)
    cached_price = input_price if model.cached_price is None else rows.value(model.cached_price)
    blended = rows.sum(rows.product(rows.complement(cached), input_price), rows.product(cached, cached_price))
    row[k.HAS_TOKENS] = 1
    row[k.TOKEN_PRICE] = tables.price(model.prices)
    row[k.PROMPT_COST] = tables.prompt(
        rows.product(size.prompt, blended, each),
        size.growing,
        rows.product(size.retrieved, input_price, each),
    )
    row[k.REQUEST_COST] = rows.row(rows.product(size.request, input_price, each))
    row[k.OUTPUT_COST] = rows.row(rows.product(size.output, rows.value(model.output_price), each))


def _lower_latency(tables: Strategies, strategy: Plain, row: np.ndarray, size: _Size) -> None:
    rows = tables.rows
    second = rows.value(tables.plan.quality.cost_per_second)
    if strategy.latency is None or second == 0.0:
        return
    per_token = rows.product(rows.value(strategy.latency.per_input), PER_KTOK)
    wait = rows.sum(rows.value(strategy.latency.base), rows.product(per_token, size.retrieved))
    row[k.HAS_LATENCY] = 1
    row[k.PROMPT_LATENCY] = tables.prompt(
        rows.product(per_token, size.prompt, second),
        size.growing,
        rows.product(wait, second),
    )
    row[k.REQUEST_LATENCY] = rows.row(rows.product(per_token, size.request, second))


def _lower_serving(tables: Strategies, strategy: Plain, row: np.ndarray, size: _Size) -> None:
    rows, serving = tables.rows, strategy.serving
    capacity = rows.product(rows.value(serving.capacity), SECONDS_PER_MONTH)
    load = rows.product(size.retries, rows.value(serving.peak, 1.0), rows.reciprocal(capacity))
    row[k.HAS_SERVING] = 1
    row[k.LOAD] = rows.row(load)
    row[k.LOAD_IN_TOKENS] = serving.capacity.dimension.name == "token_capacity"
    row[k.PROMPT_TOKENS] = tables.prompt(size.prompt, size.growing, size.retrieved)
    row[k.REQUEST_TOKENS] = rows.row(size.request)
    row[k.OUTPUT_TOKENS_SERVED] = rows.row(size.output)
    premium = rows.sum(1.0, rows.value(serving.premium))
    hour = rows.product(rows.value(serving.gpu_price), premium)
    row[k.REPLICA_COST] = rows.row(rows.product(hour, float(serving.gpus), HOURS_PER_MONTH))
    row[k.MIN_REPLICAS] = rows.row(float(serving.min_replicas))
    row[k.GPU_PRICE] = tables.price(serving.prices)


def _lower_training(tables: Strategies, strategy: Plain, training: Training, row: np.ndarray) -> None:
    rows, plan = tables.rows, tables.plan
    if training.gpu_hours is not None:
        time = TECHNIQUES[training.technique][0]
        hour = rows.product(rows.value(training.gpu_price), rows.sum(1.0, rows.value(training.premium)))
        compute = rows.product(rows.value(training.gpu_hours), time, hour)
        process = training.prices
    else:
        model = None if strategy.model is None else plan.models[strategy.model]
        price = training.price if training.price is not None else model.training_price
        premium = 0.0 if model is None else rows.value(model.premium)
        tokens = rows.product(
            rows.value(training.examples),
            rows.value(training.tokens_per_example),
            rows.value(training.epochs, 1.0),
        )
        compute = rows.product(tokens, rows.value(price), rows.sum(1.0, premium), PER_MTOK)
        process = None if model is None else model.prices
    row[k.HAS_TRAINING] = 1
    row[k.TRAINING_COST] = rows.row(compute)
    row[k.TRAINING_MINIMUM] = rows.row(rows.value(training.minimum))
    row[k.TRAINING_ATTEMPTS] = rows.row(rows.value(training.attempts, 1.0))
    row[k.TRAINING_PRICE] = tables.price(process)


def _lower_failures(tables: Strategies, strategy: Plain, row: np.ndarray, quality: float) -> None:
    rows, plan = tables.rows, tables.plan
    success = rows.complement(rows.value(strategy.failures))
    base = rows.complement(rows.product(success, quality))
    drift = rows.value(strategy.failure_drift)
    own = strategy.cost_per_failure
    each = rows.value(own if own is not None else plan.quality.cost_per_failure)
    row[k.HAS_FAILURES] = each != 0.0 and (base != 0.0 or drift != 0.0)
    row[k.FAILURE_BASE] = rows.row(base)
    row[k.FAILURE_DRIFT] = rows.row(drift)
    row[k.FAILURE_COST] = rows.row(each)
