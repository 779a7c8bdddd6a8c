"""Declare the three kinds of strategies: plain, routed, migrating."""

from typing import Annotated

from pydantic import AfterValidator

from simulator.plan import dimensions as d
from simulator.plan.constants import Fraction, Months
from simulator.plan.frozen import FrozenDict
from simulator.plan.keys import Choice, Each, Flag, Name, Text, Trigger, Whole, distinct
from simulator.plan.quantity_keys import CostItem, Held, Item, Q, ShareOrRest
from simulator.plan.tables import Named, PlanTable, Table

TECHNIQUES = ("full", "lora-16", "lora-64", "qlora", "prefix", "prompt-tuning")

frozen = AfterValidator(FrozenDict)


class Strategy(PlanTable):
    """What every kind of strategy has."""

    name: str
    label: Annotated[str, Text(says="Free text that figures and tables show; the name unless said.")] = ""
    part: Annotated[bool, Flag(says="true: exists for others to name and takes part in no comparison.")] = (
        False
    )
    costs: Annotated[
        dict[str, Item],
        frozen,
        Named(
            of=CostItem(says="A cost in money or hours of work; its unit is the cadence."),
            what="cost item",
            inline=True,
            says="Cost items; the unit is the cadence: USD or h (upfront), /h, /day, /month, /quarter, "
            "/year, /run, /req, /kreq.",
        ),
    ] = FrozenDict()


class Latency(PlanTable):
    """`latency` of a plain strategy."""

    base: Annotated[Held | None, Q(d.LATENCY, says="Time a request takes at least.")] = None
    per_input: Annotated[Held | None, Q(d.TOKEN_LATENCY, says="Time that input tokens add.")] = None


class Training(PlanTable):
    """`training` of a plain strategy: by price (examples …) or by GPU hours."""

    examples: Annotated[Held | None, Q(d.EXAMPLES, says="Training examples.")] = None
    tokens_per_example: Annotated[Held | None, Q(d.EXAMPLE_TOKENS, says="Length of an example.")] = None
    epochs: Annotated[Held | None, Q(d.COUNT, says="Passes over the examples.")] = None
    price: Annotated[
        Held | None,
        Q(d.TOKEN_PRICE, says="Price of a training token; the model's training_price unless said."),
    ] = None
    minimum: Annotated[Held | None, Q(d.RUN_COST, says="What a run costs at least.")] = None
    gpu_hours: Annotated[Held | None, Q(d.GPU_HOURS, says="GPU hours of a run of full training.")] = None
    gpu_price: Annotated[Held | None, Q(d.GPU_PRICE, says="Price of a GPU hour.")] = None
    technique: Annotated[
        str, Choice(words=TECHNIQUES, says="How it is trained; scales quality, and time in GPU hours.")
    ] = "full"
    premium: Annotated[Held | None, Q(d.SHARE, says="What gpu_price is dearer by, as a share.")] = None
    prices: Annotated[str | None, Name(of="prices", says="The price process that gpu_price follows.")] = None
    attempts: Annotated[Held | None, Q(d.FACTOR, says="Runs that it takes to get one good run.")] = None


class Retrain(PlanTable):
    """`retrain` of a plain strategy: when it is trained again."""

    every: Annotated[
        Held | None, Q(d.SPAN, zero=False, same_as=False, says="Interval, drawn anew after each run.")
    ] = None
    on: Annotated[
        tuple[str, ...],
        Each(
            of=Trigger(),
            rule=distinct,
            takes="an array of 'events.NAME' and 'models.NAME.retired'",
            says="Events that force a new run.",
        ),
    ] = ()
    when_failures_exceed: Annotated[
        float | None, Fraction(says="Share of failures above which it is trained again.")
    ] = None


class Serving(PlanTable):
    """`serving` of a plain strategy on GPUs of one's own."""

    gpu_price: Annotated[Held, Q(d.GPU_PRICE, says="Price of a GPU hour.")]
    capacity: Annotated[Held, Q(d.CAPACITY, zero=False, says="What one replica serves: req/s or tok/s.")]
    gpus: Annotated[int, Whole(low=1, high=100_000, says="GPUs of a replica.")] = 1
    peak: Annotated[Held | None, Q(d.FACTOR, says="Load of the busiest hour over the mean load.")] = None
    min_replicas: Annotated[int, Whole(low=0, high=1_000_000, says="Replicas that always run.")] = 1
    premium: Annotated[Held | None, Q(d.SHARE, says="What gpu_price is dearer by, as a share.")] = None
    prices: Annotated[str | None, Name(of="prices", says="The price process that gpu_price follows.")] = None


class Plain(Strategy):
    """A strategy that serves every request with one model."""

    extends: Annotated[
        str | None,
        Name(of="strategies", kinds=("plain",), says="A plain strategy: what is not written here is its."),
    ] = None
    model: Annotated[str | None, Name(of="models", says="The model that serves it.")] = None
    prompt: Annotated[Held, Q(d.TOKENS, says="Length of the prompt, without the request's own input.")]
    prompt_growth: Annotated[Held | None, Q(d.RATE, says="Growth of the prompt.")] = None
    retrieved: Annotated[Held | None, Q(d.TOKENS, says="Tokens of context fetched for a request.")] = None
    output: Annotated[Held | None, Q(d.TOKENS, says="Length of the answer in place of the plan's.")] = None
    output_ratio: Annotated[Held | None, Q(d.FACTOR, says="Length of the answer over the plan's.")] = None
    cached: Annotated[Held | None, Q(d.SHARE, says="Share of the prompt that is read from the cache.")] = None
    batched: Annotated[Held | None, Q(d.SHARE, says="Share of the requests that can wait for a batch.")] = (
        None
    )
    retries: Annotated[Held | None, Q(d.SHARE, says="Share of the requests that is sent again.")] = None
    failures: Annotated[Held | None, Q(d.SHARE, says="Share of the requests that fails.")] = None
    failure_drift: Annotated[
        Held | None, Q(d.POINTS, says="Change of failures for every month since the last training run.")
    ] = None
    input: Annotated[Held | None, Q(d.TOKENS, says="Length of the request in place of the plan's.")] = None
    cost_per_failure: Annotated[
        Held | None, Q(d.FAILURE_COST, says="What a failure costs in place of the plan's.")
    ] = None
    latency: Annotated[Latency | None, Table(model=Latency, says="Time that a request takes.")] = None
    training: Annotated[Training | None, Table(model=Training, says="What a training run takes.")] = None
    retrain: Annotated[Retrain | None, Table(model=Retrain, says="When it is trained again.")] = None
    serving: Annotated[
        Serving | None, Table(model=Serving, inherited=True, says="GPUs of one's own that serve it.")
    ] = None


class Routed(Strategy):
    """A strategy that divides the requests among plain ones."""

    route: Annotated[
        dict[str, Held | None],
        frozen,
        Named(
            of=ShareOrRest(says='Share of the requests, or "rest".'),
            what="strategy",
            inline=True,
            says='Plain strategies, each with its share of the requests; exactly one has "rest".',
        ),
    ]


class When(PlanTable):
    """`when` of a migration's step: exactly one of requests_above, at and on."""

    requests_above: Annotated[
        Held | None, Q(d.VOLUME, says="Demand has been above this in each of the `for` months before.")
    ] = None
    for_: Annotated[int | None, Months(low=1, says="Months for which demand must have been above.")] = None
    not_before: Annotated[int | None, Months(low=0, says="Months that must have passed.")] = None
    at: Annotated[int | None, Whole(low=2, says="The month, from 2 on.")] = None
    on: Annotated[str | None, Trigger(says="The event.")] = None


class Step(PlanTable):
    """One step of a migration."""

    migrate_to: Annotated[str, Name(of="strategies", kinds=("plain", "routed"), says="The next strategy.")]
    when: Annotated[When, Table(model=When, says="The condition under which the step is taken.")]
    takes: Annotated[Held | None, Q(d.SPAN, says="Time until the next strategy has taken over.")] = None
    cost: Annotated[Held | None, Q(d.MONEY, says="What the step costs.")] = None
    hours: Annotated[Held | None, Q(d.HOURS, says="Hours of work that the step takes.")] = None
    role: Annotated[str | None, Name(of="people", says="Who works the hours.")] = None


class Migrating(Strategy):
    """A strategy that starts as one strategy and goes on as others."""

    start_with: Annotated[
        str, Name(of="strategies", kinds=("plain", "routed"), says="The strategy of month 1.")
    ]
    then: Annotated[
        tuple[Step, ...],
        Each(
            of=Table(model=Step),
            takes="an array of steps, each { migrate_to, when, … }",
            says="The steps, in order.",
        ),
    ]


KINDS: dict[str, type[Strategy]] = {"plain": Plain, "routed": Routed, "migrating": Migrating}
