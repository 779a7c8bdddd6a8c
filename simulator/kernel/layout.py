"""Lay out what the kernel reads and writes: flat arrays, and the names of their columns.

The plan arrives as tables of integers (one row an event, an item, a step …) whose columns hold row numbers of
`Workspace` arrays, codes or counts, beside a few tables of numbers. Nothing here knows a unit or a name.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LANES = 512
"""Lifetimes worked through side by side."""

ROW = LANES + 24
"""Entries of a lane array; those beyond `LANES` keep rows a power of two apart from falling on the same cache lines."""

BLOCK = 4096
"""Lifetimes of one block: the unit of work, of summation and of replay."""

BATCHES = 64
"""Fixed batches for standard errors; lifetime i belongs to batch i % 64."""

NONE = -1
"""Absent: no such row, event, stream or variate."""

# --- components of cost, in the order of the dataset
INPUT_TOKENS, OUTPUT_TOKENS, TRAINING, SERVING, LABOR, FAILURES, LATENCY, OTHER = range(8)

# --- variates: one row a quantity drawn; the first `inputs` rows once per lifetime, the others per occurrence
STREAM, CODE, TABLE_START, TABLE_LENGTH = range(4)

# --- turns of monthly normals: those that add up, those of which each month has its own
WALK, LEVEL = range(2)

# --- derivation: one row a step that makes a per-lifetime value from others
OPERATION, OUT, LEFT, RIGHT = range(4)
(
    PRODUCT,
    SUM,
    CAPPED_PRODUCT,
    RECIPROCAL,
    LOGARITHM,
    MONTHLY_LOG,
    MONTHLY_FACTOR,
    CHANCE,
    SHARE_SCALE,
    REST,
) = range(10)

# --- demand: one vector
LOG_REQUESTS, LOG_GROWTH, VOLATILITY, VOLATILITY_NOISE, CEILING, LOGISTIC, INPUT_GROWTH, OUTPUT_GROWTH = (
    range(8)
)
INPUT_VARIATION, INPUT_NOISE, OUTPUT_VARIATION, OUTPUT_NOISE, INFLATION, DISCOUNT = range(8, 14)

# --- processes: one row a price process
PRICE_FACTOR, PRICE_VOLATILITY, PRICE_NOISE, CHANGE_CHANCE, CHANGE_UNIFORM, CHANGE, CHANGE_MEAN = range(7)

# --- events
RANDOM, RENEWAL, FIXED = range(3)
EVENT_KIND, EVENT_CHANCE, EVENT_UNIFORM, EVENT_INTERVAL, EVENT_FIRST, EVENT_DEMAND = range(6)

# --- plains: one row a plain strategy
HAS_TOKENS, TOKEN_PRICE, PROMPT_COST, REQUEST_COST, OUTPUT_COST = range(5)
HAS_LATENCY, PROMPT_LATENCY, REQUEST_LATENCY = range(5, 8)
HAS_SERVING, LOAD, LOAD_IN_TOKENS, PROMPT_TOKENS, REQUEST_TOKENS, OUTPUT_TOKENS_SERVED = range(8, 14)
REPLICA_COST, MIN_REPLICAS, GPU_PRICE = range(14, 17)
HAS_FAILURES, FAILURE_BASE, FAILURE_DRIFT, FAILURE_COST = range(17, 21)
HAS_TRAINING, TRAINING_COST, TRAINING_MINIMUM, TRAINING_ATTEMPTS, TRAINING_PRICE, PLAIN_OWNER = range(21, 27)
PLAIN_COLUMNS = 27

# --- prompts: what a request holds whatever its length, in tokens, their cost or the wait for them
PROMPT_ROW, PROMPT_GROWTH, RETRIEVED_ROW = range(3)

# --- buckets: items of one owner, cadence, component and growth, added up
CADENCE, COMPONENT, AMOUNT, GROWTH, VARIES, VARIES_STREAM, VARIES_NOISE, BUCKET_EVENT = range(8)
UPFRONT, MONTHLY, QUARTERLY, YEARLY, PER_RUN, PER_REQUEST, PER_EVENT = range(7)

# --- bundles: buckets that an owner pays in running months, of one component, by the month or by the request
BUNDLE_START, BUNDLE_END, BY_REQUEST = range(3)

# --- owners: plain, routed and migrating strategies, as payers of items: buckets, and bundles or NONE
BUCKET_START, BUCKET_END, FIXED_LABOR, FIXED_OTHER, USE_LABOR, USE_OTHER = range(6)

# --- clocks: the training clock of a plain strategy, in its own right or within a migrating strategy
CLOCK_PLAIN, CLOCK_PHASE, CLOCK_EVERY, CLOCK_THRESHOLD, TRIGGER_START, TRIGGER_END = range(6)

# --- strategies compared
LEG_START, LEG_END, PAYER_START, PAYER_END, OPENING_START, OPENING_END, MIGRATION = range(7)

# --- legs: the use that a compared strategy makes of a plain one
LEG_PLAIN, LEG_CLOCK, LEG_SHARE, LEG_PHASE = range(4)

# --- phases: what a migrating strategy pays at which of its stages; row 0 is always paid
PHASE_MIGRATION, PHASE_STAGES = range(2)

# --- payers: owners whose items a compared strategy pays, and in which phase
PAYER_OWNER, PAYER_PHASE = range(2)

# --- openings: what starting (or migrating to) a strategy costs: items of an owner, first run of a plain one
OPENING_OWNER, OPENING_PLAIN, OPENING_CLOCK = range(3)

# --- migrations
STEP_START, STEP_END = range(2)
STEP_KIND, STEP_BOUND, STEP_FOR, STEP_NOT_BEFORE, STEP_AT, STEP_EVENT, STEP_TAKES = range(7)
STEP_COST, STEP_COST_GROWTH, STEP_LABOR, STEP_LABOR_GROWTH, ADOPT_START, ADOPT_END = range(7, 13)
WHEN_ABOVE, WHEN_AT, WHEN_EVENT = range(3)

# --- calendar: one row a month
QUARTER, QUARTER_ENDS, FISCAL_YEAR, FISCAL_YEAR_ENDS = range(4)

# --- rows of `Shared.month`
LOG_DEMAND, UNCAPPED, VOLUME, INPUT_FACTOR, OUTPUT_FACTOR, TOTAL_REQUESTS, DISCOUNTING, CASH, LEAST = range(9)
MONTH_ROWS = 9

# --- rows of `Clocks.run` for each clock, of `Stages.move` for each migration
RUN_TRAINING, RUN_LABOR, RUN_OTHER, RUN_COUNT = range(4)
RUN_ROWS = 4

# --- rows of `Costs.scratch`; the last one stays 0
RUNS, LEG_VOLUME, RUNNING, STARTING, START_TRAINING, START_LABOR, START_OTHER, START_COUNT, NOTHING = range(9)
SCRATCH_ROWS = 9

# --- rows of `Workspace.lanes`
LISTED, ALL = range(2)

# --- rows of `Costs.total` for each compared strategy
CUMULATIVE, PRESENT, COMPARED, QUARTER_COST, YEAR_COST, YEAR_COVERED, COVERED = range(7)
TOTAL_ROWS = 7

# --- rows of `Costs.below`: of the month and the strategy at hand, what its sums take, then for each compared strategy
BELOW_INPUT, BELOW_OUTPUT, BELOW_SERVING, ADD_PRESENT, ADD_DRAWN, ADD_EXPECTED, ADD_PER_KREQ = range(7)
BELOW_ROWS = 7
BELOW_CUMULATIVE, BELOW_PRESENT, BELOW_COMPARED = range(3)
BELOW_TOTALS = 3

# --- sums of a block: first row of each statistic; a row holds the 64 batches
SUM_BREAKDOWN, SUM_PRESENT, SUM_COMPARED, SUM_LEAST, SUM_REQUESTS, SUM_PRICE, SUM_RUNS, SUM_PER_KREQ = range(
    8
)
SUM_OVERRUN, SUM_EXPECTED = range(8, 10)

# --- histograms: first number of each variable
OF_MONTHLY, OF_CUMULATIVE, OF_PRESENT, OF_QUARTER, OF_YEAR, OF_BUDGET, OF_PER_KREQ, OF_SAVING, OF_REGRET = (
    range(9)
)
OF_REQUESTS, OF_PRICE = range(9, 11)

# --- `Bins.state`
PAGES_USED, NEXT_HISTOGRAM, OUTSIDE, NEXT_OUTSIDE, NOT_FINITE, STAGED = range(6)
BINS = 1024
OCTAVES = 512
STRIP = 64
"""Bins that are added up at once: the number of bits of the integer that tells which have carried over."""

WINDOW = 64
"""Octaves that are counted at once, positive ones, then negative ones: a place is a number of 16 bits."""


class Span(NamedTuple):
    """The lanes at hand: lifetimes first … first + n - 1, in month t (1 … H)."""

    key0: int  # words of the seed
    key1: int
    first: int
    n: int
    t: int


class Draws(NamedTuple):
    """Variates: the first `inputs` are drawn once per lifetime, the others at each occurrence."""

    variates: np.ndarray  # (variate, 4)
    parameters: np.ndarray  # (variate, 6)
    tables: np.ndarray  # (entry,)
    inputs: int
    correlated: np.ndarray  # (member,) input numbers
    mixing: np.ndarray  # (member, member) lower Cholesky factor


class Points(NamedTuple):
    """Quasi-random points: which draw takes which dimension, NONE where it is random; no row with random points."""

    are_used: bool
    directions: np.ndarray  # (dimension, bit) direction numbers, first digit in bit 0
    inputs: np.ndarray  # (input,)
    noises: np.ndarray  # (noise, component)
    chances: np.ndarray  # (occurrence, month)
    turns: np.ndarray  # (noise,) WALK or LEVEL
    rotations: np.ndarray  # (turn, month, slot) weights of the components, whose slots are 1 … H, in a noise


class Items(NamedTuple):
    """Cost items, by owner."""

    owners: np.ndarray  # (owner, 6)
    buckets: np.ndarray  # (bucket, 8)
    bundles: np.ndarray  # (bundle, 3)
    bundled: np.ndarray  # (entry,) bucket numbers, bundle by bundle


class Training(NamedTuple):
    """Training clocks and what makes them due."""

    clocks: np.ndarray  # (clock, 6)
    triggers: np.ndarray  # (trigger,) event numbers


class Compared(NamedTuple):
    """The strategies that are compared, and what each one uses and pays."""

    strategies: np.ndarray  # (strategy, 7)
    legs: np.ndarray  # (leg, 4)
    payers: np.ndarray  # (payer, 2)
    openings: np.ndarray  # (opening, 3)
    components: np.ndarray  # (strategy, component) 1 where the component can differ from zero
    trains: np.ndarray  # (strategy,) 1 where a training run can take place
    expects: bool  # whether means take random price changes at their expectation


class Migrations(NamedTuple):
    """The steps of migrating strategies."""

    phases: np.ndarray  # (phase, 2) bit k of PHASE_STAGES: paid at stage k
    migrations: np.ndarray  # (migration, 2)
    steps: np.ndarray  # (step, 13)
    adopted: np.ndarray  # (opening, 3) as openings, of the steps


class Accounts(NamedTuple):
    """Periods, budgets and what is held against them."""

    calendar: np.ndarray  # (month, 4)
    every: np.ndarray  # (component,) 1.0
    covered: np.ndarray  # (component,) 1.0 where `budget_covers`
    compared: np.ndarray  # (component,) 1.0 where `compare_on`
    compares_all: bool  # whether `compare_on` names every component
    budgets: np.ndarray  # (fiscal_year + 1,) [currency], NaN where none is set, the horizon last
    sums: np.ndarray  # (11,) first row of each statistic in the sums of a block, and their number
    histograms: np.ndarray  # (12,) first number of each variable's histograms, and their number


class KernelPlan(NamedTuple):
    """A lowered plan: the arrays that the kernel reads.

    Integer tables are int64, their columns named above; numbers are float64 in canonical units.
    """

    draws: Draws
    points: Points
    constants: np.ndarray  # (constant,) values of the rows behind the inputs
    derivation: np.ndarray  # (step, 4)
    growth: np.ndarray  # (class,) value row of the monthly factor; class 0 does not grow
    noises: np.ndarray  # (noise,) streams of monthly normals
    chances: np.ndarray  # (occurrence,) streams of monthly uniforms
    demand: np.ndarray  # (14,)
    seasonality: np.ndarray  # (month,)
    processes: np.ndarray  # (process, 7)
    scheduled: np.ndarray  # (process, month) factors
    events: np.ndarray  # (event, 6)
    fixed_months: np.ndarray  # (event, month) 1 where a FIXED event happens
    prompts: np.ndarray  # (prompt, 3)
    plains: np.ndarray  # (plain, 27)
    items: Items
    training: Training
    compared: Compared
    migrations: Migrations
    accounts: Accounts


class Shared(NamedTuple):
    """Lane arrays that all strategies share."""

    value: np.ndarray  # (row, lane) inputs, constants, derived values
    growth: np.ndarray  # (class, lane) growth factor since month 1
    noise: np.ndarray  # (4 * noise, lane) float32 monthly normals of four months
    chance: np.ndarray  # (4 * occurrence, lane) monthly uniforms of four months
    month: np.ndarray  # (MONTH_ROWS, lane)
    price: np.ndarray  # (1 + process, lane) price level; row 0 stays 1; then (process, lane) expected
    prompt: np.ndarray  # (prompt, lane) the prompt as it has grown, and what is retrieved


class Happening(NamedTuple):
    """Which lanes an event happens in."""

    hit: np.ndarray  # (event, lane + 1) lanes in which the event happens this month
    hits: np.ndarray  # (event,) how many
    renewal: np.ndarray  # (event, lane) time of the next occurrence [month]
    renewals: np.ndarray  # (event, lane) intervals drawn so far


class Once(NamedTuple):
    """Lanes in which something occurs, and draws for a list of them."""

    mark: np.ndarray  # (lane,) uint8, 1 where something occurs: lanes to be listed
    slot: np.ndarray  # (1, lane) slots to draw
    uniform: np.ndarray  # (1, lane)
    normal: np.ndarray  # (1, lane)
    value: np.ndarray  # (1, lane) variates
    tail: np.ndarray  # (2, lane) scratch of their normal quantiles


class Clocks(NamedTuple):
    """Where each training clock stands."""

    last: np.ndarray  # (clock + 1, lane) month after which the last run took place; the last row stays 0
    interval: np.ndarray  # (clock, lane) retraining interval under way [month]
    runs: np.ndarray  # (clock, lane) runs counted so far
    run: np.ndarray  # (clock * RUN_ROWS, lane) what this month's run costs, in the lanes that pay
    paid: np.ndarray  # (clock, lane + 1) lanes that pay for a run this month
    payments: np.ndarray  # (clock,) how many


class Stages(NamedTuple):
    """Where each migrating strategy stands."""

    active: np.ndarray  # (phase, lane) 1 where the phase is the one paid; row 0 stays 1
    stage: np.ndarray  # (migration, lane) steps completed
    decided: np.ndarray  # (migration, lane) steps decided
    until: np.ndarray  # (migration, lane) last month of the strategy before
    streak: np.ndarray  # (step, lane) months in a row above the bound
    move: np.ndarray  # (migration * RUN_ROWS, lane) what this month's migration costs, in the lanes that pay
    paid: np.ndarray  # (migration, lane + 1) lanes that pay for a migration this month
    payments: np.ndarray  # (migration,) how many


class Costs(NamedTuple):
    """What is paid, of a request, a month, a strategy."""

    bundle: np.ndarray  # (bundle, lane) [currency/month], by the request [currency/req]
    cost: np.ndarray  # (component, lane) running cost of the strategy at hand
    opening: np.ndarray  # (component, lane) upfront cost of the strategy at hand
    total: np.ndarray  # (strategy * TOTAL_ROWS, lane) accumulated
    scratch: np.ndarray  # (SCRATCH_ROWS, lane)
    below: np.ndarray  # (BELOW_ROWS + strategy * BELOW_TOTALS, lane) expected minus drawn, or none


class PointLanes(NamedTuple):
    """What quasi-random points and the paths made from them are worked out in."""

    words: np.ndarray  # (3, lane) int64
    component: np.ndarray  # (slot, lane) float32 normals of one process, in fours
    total: np.ndarray  # (1, lane)
    path: np.ndarray  # (noise * month, lane) float32 monthly normals


class Workspace(NamedTuple):
    """Scratch of one worker: lane arrays that every block overwrites. Rows of two dimensions have `ROW` entries."""

    uniform: np.ndarray  # (input, lane) two-word draws
    normal: np.ndarray  # (input, lane) their normal quantiles, correlated where the plan says so
    points: PointLanes
    shared: Shared
    happening: Happening
    once: Once
    clocks: Clocks
    stages: Stages
    costs: Costs
    lanes: np.ndarray  # (2, lane + 1) a list of lanes; every lane
    ahead: np.ndarray  # (strategy, rival, month, word) bit masks: lanes in which the strategy is not dearer
    passed: np.ndarray  # (strategy, rival, word) bit masks: lanes in which that has been so before
    best: np.ndarray  # (strategy, word) bit masks: lanes in which it is dearer than no other


class Bins(NamedTuple):
    """Paged histograms of one worker."""

    page: np.ndarray  # (histogram, octave) uint32 page of the counts, 0 where there is none yet
    units: np.ndarray  # (page * 16, 64) uint8 low digits of the counts, in strips of 64 bins
    carries: np.ndarray  # (page * 16, 64) uint16 the digit above, touched once in 256 times
    rests: np.ndarray  # (page * 16, 64) uint32 those above that, touched once in 16,777,216 times
    window: np.ndarray  # (WINDOW * 1024) uint16 scratch, all zero in between: counts of what is staged
    base: np.ndarray  # (histogram,) bin at which the window begins, NONE as long as nothing is staged
    places: np.ndarray  # (lane array, histogram, lane) uint16 places in the window, to be counted
    sizes: np.ndarray  # (lane array,) how many lifetimes each one holds
    outside: np.ndarray  # (histogram * lifetime,) histogram * 2^32 + bin of values outside of their window
    extremes: np.ndarray  # (histogram, 2) least and greatest value, as integers that sort like floats
    state: np.ndarray  # (6,) pages in use, where to go on, lifetimes of no finite cost, lane arrays staged


class Counts(NamedTuple):
    """Exact tallies of one worker: integers, so that the order of blocks does not matter."""

    wins: np.ndarray  # (strategy, rival, month)
    ties: np.ndarray  # (strategy, rival, month)
    passage: np.ndarray  # (strategy, rival, month) first passage
    even: np.ndarray  # (strategy, rival, month) sustained break-even
    cheapest: np.ndarray  # (strategy, month, strategy) lifetimes in which it is one of 1, 2, … cheapest
    overruns: np.ndarray  # (strategy, budget period)
    bins: Bins


class Record(NamedTuple):
    """What is kept of single lifetimes: samples, and the whole ledger for a replay.

    An array of length 0 along `lifetime` switches its part off.
    """

    inputs: np.ndarray  # (lifetime, input)
    present: np.ndarray  # (lifetime, strategy)
    monthly: np.ndarray  # (lifetime, strategy, month) float32
    cost: np.ndarray  # (lifetime, strategy, component, month)
    opening: np.ndarray  # (lifetime, strategy, component)
    totals: np.ndarray  # (lifetime, strategy, month, 3) cash of the month, cumulative, present
    requests: np.ndarray  # (lifetime, month)
    price: np.ndarray  # (lifetime, process, month)
    event: np.ndarray  # (lifetime, event, month)
    runs: np.ndarray  # (lifetime, strategy, month)
