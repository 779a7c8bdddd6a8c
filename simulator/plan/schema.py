"""Declare every table of the plan file: the plan as frozen, validated objects."""

import datetime
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from simulator.calendar import MONTH_NAMES, Calendar
from simulator.catalogue.resolved import ResolvedPreset, ResolvedPrice
from simulator.plan import dimensions as d
from simulator.plan.catalogue_keys import Catalogued, PresetName, PricedTable, ProcessTable
from simulator.plan.constants import CurrencyCode, Level, Months, Tolerance
from simulator.plan.drafts import Strategies
from simulator.plan.frozen import FrozenDict
from simulator.plan.keys import (
    Choice,
    Day,
    Each,
    Name,
    Number,
    Positive,
    Text,
    Whole,
    distinct,
    rising,
)
from simulator.plan.quantity_keys import Budgeted, Held, Q, Wages
from simulator.plan.strategy import Migrating, Plain, Routed
from simulator.plan.tables import Named, PlanTable, Table

COMPONENTS = ("input_tokens", "output_tokens", "training", "serving", "labor", "failures", "latency", "other")
# Nobody sends an invoice for failures and for waiting.
INVOICED = ("input_tokens", "output_tokens", "training", "serving", "labor", "other")
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.99)
MOST_LIFETIMES = 10**12
LONGEST_HORIZON = 120
FIRST_LOOK = 65_536
"""Lifetimes of the first round of a run with a precision: enough for means to be normal."""

frozen = AfterValidator(FrozenDict)


def _components(says: str) -> Each:
    return Each(
        of=Choice(words=COMPONENTS), rule=distinct, takes="an array of different components", says=says
    )


class Budget(PlanTable):
    """The parsed value of `finance.budget`."""

    amount: float
    per: str


class Finance(PlanTable):
    """[finance]"""

    currency: Annotated[str, CurrencyCode(says="ISO code of the plan's currency.")]
    discount: Annotated[Held | None, Q(d.RATE, says="Yearly rate at which running costs are discounted.")] = (
        None
    )
    inflation: Annotated[Held | None, Q(d.RATE, says="Growth of items in money and of failure costs.")] = None
    fiscal_start: Annotated[
        str, Choice(words=MONTH_NAMES, says="First month of a fiscal year, which bears the year of its end.")
    ] = "January"
    usd_rate: Annotated[
        Held | None,
        Q(d.EXCHANGE, zero=False, says="Plan currency per USD, for catalogue prices in another currency."),
    ] = None
    budget: Annotated[
        Budget | None, Budgeted(says="The budget: per year, quarter or month, or for the horizon.")
    ] = None
    budget_level: Annotated[float, Level(says="The percentile of cost that a budget is recommended at.")] = (
        0.8
    )
    budget_covers: Annotated[
        tuple[str, ...],
        _components("What the budget is held against; all but failures and latency unless said."),
    ] = INVOICED
    compare_on: Annotated[
        tuple[str, ...], _components("What strategies are compared on; all components unless said.")
    ] = COMPONENTS


class Run(PlanTable):
    """[run]"""

    lifetimes: Annotated[int, Whole(low=1, high=MOST_LIFETIMES, says="Lifetimes to simulate.")] = 1_000_000
    seed: Annotated[int, Whole(low=0, high=2**64 - 1, says="Seed of all draws.")] = 0
    sampler: Annotated[
        str,
        Choice(
            words=("random", "sobol"),
            says="How lifetimes are drawn: at random, or on scrambled Sobol points.",
        ),
    ] = "random"
    quantiles: Annotated[
        tuple[float, ...],
        Each(
            of=Number(low=0, high=1),
            rule=rising,
            takes="strictly increasing numbers inside (0, 1)",
            says="Quantiles that are kept of every distribution.",
        ),
    ] = QUANTILES
    precision: Annotated[
        float | None,
        Tolerance(says="Run until chances of being cheapest and order of means are known to this tolerance."),
    ] = None
    max_lifetimes: Annotated[
        int,
        Whole(low=FIRST_LOOK, high=MOST_LIFETIMES, says="With a precision: lifetimes after which to end."),
    ] = 100_000_000


class Demand(PlanTable):
    """[demand]"""

    requests: Annotated[Held, Q(d.VOLUME, zero=False, says="Requests of month 1.")]
    growth: Annotated[Held | None, Q(d.RATE, says="Growth of the median demand.")] = None
    volatility: Annotated[Held | None, Q(d.VOLATILITY, says="Spread of the monthly change.")] = None
    ceiling: Annotated[Held | None, Q(d.VOLUME, zero=False, says="Requests a month at the most.")] = None
    curve: Annotated[
        str, Choice(words=("compound", "logistic"), says="How demand grows; logistic needs a ceiling.")
    ] = "compound"
    seasonality: Annotated[
        tuple[float, ...] | None,
        Each(
            of=Positive(),
            least=12,
            most=12,
            takes="12 positive factors, January first",
            says="Factor of each calendar month, January first.",
        ),
    ] = None


class Request(PlanTable):
    """[request]"""

    input: Annotated[Held, Q(d.TOKENS, says="Length of a request, without the prompt.")]
    output: Annotated[Held, Q(d.TOKENS, says="Length of an answer.")]
    input_growth: Annotated[Held | None, Q(d.RATE, says="Growth of the requests' length.")] = None
    output_growth: Annotated[Held | None, Q(d.RATE, says="Growth of the answers' length.")] = None
    variation: Annotated[Held | None, Q(d.VOLATILITY, says="Spread of the monthly mean lengths.")] = None


class Quality(PlanTable):
    """[quality]"""

    cost_per_failure: Annotated[Held | None, Q(d.FAILURE_COST, says="What a failed request costs.")] = None
    cost_per_second: Annotated[Held | None, Q(d.SECOND_COST, says="What a second of waiting costs.")] = None


class People(PlanTable):
    """[people]"""

    raise_: Annotated[Held | None, Q(d.RATE, says="Growth of all wages.")] = None
    roles: Annotated[dict[str, Held], frozen] = FrozenDict()


class ScheduledChange(PlanTable):
    """One of `scheduled` of a price process."""

    at: Annotated[int, Whole(low=2, says="The month, from 2 on.")]
    change: Annotated[float, Positive(says="Factor: 0.5 halves the price, 2 doubles it.")]


class Prices(PlanTable):
    """[prices.NAME]"""

    preset: Annotated[
        str | None, PresetName(says="A named price process, see `simulate prices`; keys beside it win.")
    ] = None
    drift: Annotated[Held | None, Q(d.RATE, says="Growth of the median price between changes.")] = None
    volatility: Annotated[Held | None, Q(d.VOLATILITY, says="Spread of the monthly change.")] = None
    change_rate: Annotated[Held | None, Q(d.OCCURRENCE, says="How often the price is changed.")] = None
    change: Annotated[
        Held | None,
        Q(d.FACTOR, same_as=False, says="Factor of a change, drawn anew for each: 0.5 halves, 2 doubles."),
    ] = None
    scheduled: Annotated[
        tuple[ScheduledChange, ...],
        Each(
            of=Table(model=ScheduledChange),
            takes="an array of changes such as { at = 6, change = 2.0 }",
            says="Changes that have been announced.",
        ),
    ] = ()


class Model(PlanTable):
    """[models.NAME]"""

    catalog: Annotated[
        str | None,
        Catalogued(says="Entry of the catalogue, see `simulate prices`; prices written beside it win."),
    ] = None
    input_price: Annotated[Held, Q(d.TOKEN_PRICE, says="Price of an input token.")]
    cached_price: Annotated[
        Held | None, Q(d.TOKEN_PRICE, says="Price of a cached input token; input_price unless said.")
    ] = None
    output_price: Annotated[Held, Q(d.TOKEN_PRICE, says="Price of an output token.")]
    training_price: Annotated[Held | None, Q(d.TOKEN_PRICE, says="Price of a training token.")] = None
    batch_discount: Annotated[
        Held | None, Q(d.SHARE, says="Discount of batched requests; 50% unless said.")
    ] = None
    premium: Annotated[Held | None, Q(d.SHARE, says="What all prices are dearer by, as a share.")] = None
    prices: Annotated[str | None, Name(of="prices", says="The price process that the prices follow.")] = None
    retired_after: Annotated[
        Held | None, Q(d.SPAN, zero=False, same_as=False, says="Time to a retirement, drawn anew for each.")
    ] = None
    retired_on: Annotated[datetime.date | None, Day(says="Date of the first retirement.")] = None


class Event(PlanTable):
    """[events.NAME]"""

    rate: Annotated[Held | None, Q(d.OCCURRENCE, says="How often it happens, by chance.")] = None
    every: Annotated[
        Held | None, Q(d.SPAN, zero=False, same_as=False, says="Interval, drawn anew for each.")
    ] = None
    at: Annotated[
        tuple[int, ...] | None,
        Each(
            of=Whole(low=2), rule=distinct, takes="different months from 2 on", says="The months, from 2 on."
        ),
    ] = None
    demand: Annotated[
        Held | None,
        Q(d.FACTOR, zero=False, same_as=False, says="Factor of demand from then on, drawn anew for each."),
    ] = None


class CorrelationEntry(PlanTable):
    """[[correlations]] as it is written."""

    between: Annotated[
        tuple[str, ...],
        Each(
            of=Text(),
            takes="an array of two names of quantities or more",
            says="Names of quantities; * matches within one part of a name.",
        ),
    ]
    spearman: Annotated[float, Number(low=-1, high=1, says="Rank correlation of each pair.")]


@dataclass(frozen=True)
class Correlation:
    """The correlation of one pair.

    Parameters
    ----------
    first, second
        Names of two quantities that are drawn once per lifetime and have draws of their own.
    spearman
        Their rank correlation, inside (-1, 1).
    """

    first: str
    second: str
    spearman: float


class Plan(PlanTable):
    """A plan."""

    name: Annotated[str, Text(says="Name of the plan, free text.")]
    start: Annotated[datetime.date, Day(first=True, says="First day of month 1.")]
    horizon: Annotated[int, Months(low=1, high=LONGEST_HORIZON, says="Length of the plan.")]
    baseline: Annotated[
        str, Name(of="strategies", says="The strategy against which the others are compared.")
    ]
    finance: Annotated[Finance, Table(model=Finance, says="Currency, discount, inflation, budget.")]
    run: Annotated[Run, Table(model=Run, says="How the simulation runs.")] = Field(default_factory=Run)
    demand: Annotated[Demand, Table(model=Demand, says="How many requests come.")]
    request: Annotated[Request, Table(model=Request, says="How long requests and answers are.")]
    quality: Annotated[Quality, Table(model=Quality, says="What failures and waiting cost.")] = Field(
        default_factory=Quality
    )
    people: Annotated[People, Wages(model=People, says="What an hour of each role costs.")] = Field(
        default_factory=People
    )
    prices: Annotated[
        dict[str, Prices],
        frozen,
        Named(of=ProcessTable(model=Prices), what="price process", says="Price processes."),
    ] = FrozenDict()
    models: Annotated[
        dict[str, Model],
        frozen,
        Named(of=PricedTable(model=Model), what="model", says="Models and their prices."),
    ] = FrozenDict()
    events: Annotated[
        dict[str, Event], frozen, Named(of=Table(model=Event), what="event", says="What may happen.")
    ] = FrozenDict()
    strategies: Annotated[
        dict[str, Plain | Routed | Migrating], frozen, Strategies(says="What could serve the requests.")
    ]
    correlations: Annotated[
        tuple[Correlation, ...],
        Each(
            of=Table(model=CorrelationEntry),
            least=0,
            takes="tables [[correlations]]",
            says="Which uncertain quantities move together.",
        ),
    ] = ()
    text: str
    path: str
    overrides: tuple[str, ...] = ()
    digest: str
    warnings: tuple[str, ...] = ()
    prices_as_of: str = ""
    resolved_prices: tuple[ResolvedPrice, ...] = ()
    resolved_presets: tuple[ResolvedPreset, ...] = ()

    @property
    def calendar(self) -> Calendar:
        """The months of the plan on the calendar."""
        return Calendar(self.start, self.horizon, MONTH_NAMES.index(self.finance.fiscal_start) + 1)
