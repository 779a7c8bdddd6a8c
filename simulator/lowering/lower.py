"""Lower a plan: number its events, prices, strategies and items, and fill the tables of the kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distributions import copula
from simulator.kernel import layout as k
from simulator.lowering.points import place_draws
from simulator.lowering.rows import InputInfo, Rows
from simulator.lowering.strategies import Strategies
from simulator.lowering.tallies import number_histograms, number_sums
from simulator.plan.contents import quantities
from simulator.plan.schema import COMPONENTS, Plan


@dataclass(frozen=True)
class Lowered:
    """A plan as the kernel reads it, with the names that its numbers stand for.

    Parameters
    ----------
    plan
        The arrays.
    inputs
        Name and unit of each input, in the order of the value rows.
    rows
        Length of the value array.
    strategies, processes, events
        Names, in the order of their numbers.
    """

    plan: k.KernelPlan
    inputs: tuple[InputInfo, ...]
    rows: int
    strategies: tuple[str, ...]
    processes: tuple[str, ...]
    events: tuple[str, ...]


def lower(plan: Plan) -> Lowered:
    """Turn a plan into flat arrays in canonical units.

    Raises
    ------
    ValueError
        If two names share a stream, or the correlations do not make a positive definite matrix.
    """
    rows = Rows(plan.finance.currency, plan.finance.usd_rate)
    calendar = plan.calendar
    tables = Strategies(plan, rows)
    tables.lower()
    demand = _demand(plan, rows, tables)
    correlated, mixing = _copula(plan, rows)
    years = len(calendar.years)
    months = plan.horizon
    compared = tuple(name for name, strategy in plan.strategies.items() if not strategy.part)
    resolve = rows.resolve
    derivation = resolve(rows.derivation())
    variates, parameters, numbers = rows.variates()
    lowered = k.KernelPlan(
        draws=k.Draws(variates, parameters, numbers, len(rows.inputs), correlated, mixing),
        points=place_draws(plan.run.sampler, rows, months),
        constants=rows.constants,
        derivation=derivation,
        growth=resolve(tables.growth_table),
        noises=rows.noises,
        chances=rows.chances,
        demand=resolve(demand),
        seasonality=_seasonality(plan),
        processes=resolve(tables.processes_table),
        scheduled=_scheduled(plan),
        events=resolve(tables.events_table),
        fixed_months=tables.fixed_months,
        prompts=resolve(tables.prompts_table),
        plains=resolve(tables.plains_table),
        items=k.Items(
            tables.owners_table, resolve(tables.buckets_table), tables.bundles_table, tables.bundled
        ),
        training=k.Training(resolve(tables.clocks_table), tables.triggers_table),
        compared=k.Compared(
            strategies=tables.strategies_table,
            legs=resolve(tables.legs_table),
            payers=tables.payers_table,
            openings=tables.openings_table,
            components=tables.components_table,
            trains=tables.trains_table,
            expects=tables.expects,
        ),
        migrations=k.Migrations(
            phases=tables.phases_table,
            migrations=tables.migrations_table,
            steps=resolve(tables.steps_table),
            adopted=tables.adopted_table,
        ),
        accounts=k.Accounts(
            calendar=_calendar(plan),
            every=np.ones(len(COMPONENTS)),
            covered=_chosen(plan.finance.budget_covers),
            compared=_chosen(plan.finance.compare_on),
            compares_all=set(plan.finance.compare_on) == set(COMPONENTS),
            budgets=_budgets(plan),
            sums=number_sums(
                len(compared), len(COMPONENTS), months, len(plan.prices), years + 1, expects=tables.expects
            ),
            histograms=number_histograms(
                len(compared), months, len(calendar.quarters), years, len(plan.prices)
            ),
        ),
    )
    return Lowered(
        plan=lowered,
        inputs=tuple(rows.inputs),
        rows=rows.size,
        strategies=compared,
        processes=tuple(plan.prices),
        events=tuple(tables.events),
    )


def _demand(plan: Plan, rows: Rows, tables: Strategies) -> np.ndarray:
    demand, request = plan.demand, plan.request
    table = np.full(14, k.NONE, dtype=np.int64)
    table[k.LOG_REQUESTS] = rows.row(rows.logarithm(rows.value(demand.requests)))
    table[k.LOG_GROWTH] = rows.row(rows.monthly_log(rows.value(demand.growth)))
    table[k.VOLATILITY], table[k.VOLATILITY_NOISE] = tables.noise(demand.volatility, "demand:volatility")
    if demand.ceiling is not None:
        table[k.CEILING] = rows.row(rows.value(demand.ceiling))
    table[k.LOGISTIC] = demand.curve == "logistic"
    table[k.INPUT_GROWTH] = tables.growth(request.input_growth)
    table[k.OUTPUT_GROWTH] = tables.growth(request.output_growth)
    table[k.INPUT_VARIATION], table[k.INPUT_NOISE] = tables.noise(
        request.variation, "request.input:variation"
    )
    table[k.OUTPUT_VARIATION], table[k.OUTPUT_NOISE] = tables.noise(
        request.variation, "request.output:variation"
    )
    table[k.INFLATION] = tables.growth(plan.finance.inflation)
    discount = rows.value(plan.finance.discount)
    if discount != 0.0:
        table[k.DISCOUNT] = rows.row(rows.monthly_factor(discount))
    return table


def _copula(plan: Plan, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Give the inputs that are correlated, and the lower Cholesky factor of their normals' correlation."""
    written = {quantity.name: quantity for quantity in quantities(plan)} if plan.correlations else {}
    members: list[int] = []
    factors: list[np.ndarray] = []
    for component in copula.components(
        (pair.first, pair.second, pair.spearman) for pair in plan.correlations
    ):
        symbols = [rows.value(written[name]) for name in component.names]
        members.extend(symbol.number for symbol in symbols)
        factors.append(np.array(component.lower))
    mixing = np.zeros((len(members), len(members)))
    start = 0
    for factor in factors:
        end = start + factor.shape[0]
        mixing[start:end, start:end] = factor
        start = end
    return np.array(members, dtype=np.int64), mixing


def _chosen(components: tuple[str, ...]) -> np.ndarray:
    """Give 1.0 for each component that is named, 0.0 for the others."""
    return np.array([float(name in components) for name in COMPONENTS])


def _seasonality(plan: Plan) -> np.ndarray:
    if plan.demand.seasonality is None:
        return np.ones(plan.horizon)
    return np.array([plan.demand.seasonality[month] for month in plan.calendar.calendar_months])


def _scheduled(plan: Plan) -> np.ndarray:
    factors = np.ones((len(plan.prices), plan.horizon))
    for row, process in zip(factors, plan.prices.values(), strict=True):
        for change in process.scheduled:
            if change.at <= plan.horizon:
                row[change.at - 1] *= change.change
    return factors


def _calendar(plan: Plan) -> np.ndarray:
    calendar = plan.calendar
    table = np.zeros((plan.horizon, 4), dtype=np.int64)
    for column, ends, labels, every in (
        (k.QUARTER, k.QUARTER_ENDS, calendar.fiscal_quarters, calendar.quarters),
        (k.FISCAL_YEAR, k.FISCAL_YEAR_ENDS, calendar.fiscal_years, calendar.years),
    ):
        table[:, column] = [every.index(label) for label in labels]
        table[:-1, ends] = table[1:, column] != table[:-1, column]
        table[-1, ends] = 1
    return table


def _budgets(plan: Plan) -> np.ndarray:
    """Give the budget of each fiscal year, pro rata to its months, and of the horizon."""
    calendar = plan.calendar
    budgets = np.full(len(calendar.years) + 1, np.nan)
    budget = plan.finance.budget
    if budget is None:
        return budgets
    if budget.per == "horizon":
        budgets[-1] = budget.amount
        return budgets
    per = {"month": 1, "quarter": 3, "year": 12}[budget.per]
    labels = calendar.fiscal_years
    budgets[:-1] = [budget.amount * labels.count(year) / per for year in calendar.years]
    budgets[-1] = budget.amount * plan.horizon / per
    return budgets
