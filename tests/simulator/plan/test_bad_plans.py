"""Test what the reader says of plans that are wrong: where, what, and what to write instead."""

from __future__ import annotations

import time
from itertools import combinations
from random import Random

import pytest

from distributions.copula import NotPositiveDefiniteError, components
from simulator.plan import PlanErrors, correlations, load_plan, parse_plan
from simulator.plan.schema import Correlation

FINETUNED = "[strategies.finetuned.training]"
PARTS = "[strategies.h]\nroute = { prompting = "
MOVE = '[strategies.m]\nstart_with = "prompting"\nthen = [{ migrate_to = "finetuned", when = '


def after(line: str, *more: str) -> tuple[str, str]:
    """Put lines below a line of the small plan."""
    return line, "\n".join((line, *more))


DATE_HINT = "a date is YYYY-MM-DD, with a month from 01 to 12 and a day that it has: 2027-01-01"

# What is replaced, what is added to the end -> line, column, key, message, hint.
CASES = {
    "wrong unit": (
        [('requests = "60k to 300k req/month"', 'requests = "25 USD/Mtok"')],
        "",
        (10, 12, "demand.requests"),
        "'25 USD/Mtok' is money per token, this field takes requests per time, for example '60k req/month'",
        "",
    ),
    "unknown key": (
        [('growth = "5% to 40% / year"', 'grwoth = "5% / year"')],
        "",
        (11, 1, "demand.grwoth"),
        "unknown key, [demand] takes requests, growth, volatility, ceiling, curve and seasonality",
        "did you mean growth?",
    ),
    "unknown table": (
        [],
        "[pricse.x]\n",
        (61, 2, "pricse"),
        "unknown key, a plan takes name, start, horizon, baseline, finance, run, demand, request, quality, "
        "people, prices, models, events, strategies and correlations",
        "did you mean prices?",
    ),
    "missing key": (
        [('input = "400 tok/req"\n', "")],
        "",
        (13, 1, "request.input"),
        "the required key 'input' is missing (length of a request, without the prompt)",
        'for example input = "1700 tok/req"',
    ),
    "missing name": (
        [('name = "Small"\n', "")],
        "",
        (1, 1, "name"),
        "the required key 'name' is missing (name of the plan, free text)",
        "",
    ),
    "missing table": (
        [('[request]\ninput = "400 tok/req"\noutput = "200 tok/req"\n', "")],
        "",
        (1, 1, "request"),
        "the required table [request] is missing (how long requests and answers are)",
        "",
    ),
    "start not the first": (
        [("start = 2027-01-01", "start = 2027-01-15")],
        "",
        (2, 9, "start"),
        "2027-01-15 is not the first day of a month",
        "write 2027-01-01",
    ),
    "start as text": (
        [("start = 2027-01-01", 'start = "2027-01-01"')],
        "",
        (2, 9, "start"),
        "'2027-01-01' is no date, this field takes a TOML date such as 2027-01-01",
        "write it without quotes: 2027-01-01",
    ),
    "start as text in a month that there is not": (
        [("start = 2027-01-01", 'start = "2027-13-01"')],
        "",
        (2, 9, "start"),
        "'2027-13-01' is no date, this field takes a TOML date such as 2027-01-01",
        DATE_HINT,
    ),
    "start in a month that there is not": (
        [("start = 2027-01-01", "start = 2027-13-01")],
        "",
        (2, 13, ""),
        "this is no TOML: expected newline or end of document after a statement",
        DATE_HINT,
    ),
    "start on a day that the month lacks": (
        [("start = 2027-01-01", "start = 2027-02-30")],
        "",
        (2, 9, ""),
        "this is no TOML: invalid date or datetime",
        DATE_HINT,
    ),
    "a quantity without quotes": (
        [('requests = "60k to 300k req/month"', "requests = 60k to 300k req/month  # a range")],
        "",
        (10, 14, ""),
        "this is no TOML: expected newline or end of document after a statement",
        'a quantity with a unit stands in quotes: requests = "60k to 300k req/month"',
    ),
    "a quantity without quotes in an inline table": (
        [('requests = "60k to 300k req/month"', "requests = { low = 5, high = 300k }")],
        "",
        (10, 33, ""),
        "this is no TOML: unclosed inline table",
        'a quantity with a unit stands in quotes: high = "300k"',
    ),
    "two numbers": (
        [('requests = "60k to 300k req/month"', "requests = 60 000")],
        "",
        (10, 15, ""),
        "this is no TOML: expected newline or end of document after a statement",
        "",
    ),
    "start with slashes": (
        [("start = 2027-01-01", "start = 1/2/2027 # a day")],
        "",
        (2, 10, ""),
        "this is no TOML: expected newline or end of document after a statement",
        DATE_HINT,
    ),
    "start with a time": (
        [("start = 2027-01-01", "start = 2027-01-01T00:00:00")],
        "",
        (2, 9, "start"),
        "2027-01-01T00:00:00 is no date, this field takes a TOML date such as 2027-01-01",
        "leave the time of day out: 2027-01-01",
    ),
    "horizon without a unit": (
        [('horizon = "24 month"', "horizon = 24")],
        "",
        (3, 11, "horizon"),
        "24 has no unit, this field takes whole months from 1 to 120, for example '36 month'",
        "write '24 month'",
    ),
    "horizon too long": (
        [('horizon = "24 month"', 'horizon = "121 month"')],
        "",
        (3, 11, "horizon"),
        "'121 month' is out of range, this field takes whole months from 1 to 120, for example '36 month'",
        "",
    ),
    "horizon not whole": (
        [('horizon = "24 month"', 'horizon = "2.5 month"')],
        "",
        (3, 11, "horizon"),
        "'2.5 month' is out of range, this field takes whole months from 1 to 120, for example '36 month'",
        "",
    ),
    "horizon in another unit": (
        [('horizon = "24 month"', 'horizon = "24 mth"')],
        "",
        (3, 11, "horizon"),
        "'mth' is not one of month, quarter and year, this field takes whole months from 1 to 120, "
        "for example '36 month'",
        "did you mean month?",
    ),
    "unknown baseline": (
        [('baseline = "prompting"', 'baseline = "promptin"')],
        "",
        (4, 12, "baseline"),
        "there is no strategy 'promptin'",
        "did you mean prompting?",
    ),
    "baseline in another case": (
        [('baseline = "prompting"', 'baseline = "Prompting"')],
        "",
        (4, 12, "baseline"),
        "there is no strategy 'Prompting'",
        "did you mean prompting?",
    ),
    "baseline is a part": (
        [('failures = "3% to 8%"', 'failures = "3% to 8%"\npart = true')],
        "",
        (4, 12, "baseline"),
        "'prompting' is a part, which takes part in no comparison",
        "the strategies to compare are finetuned",
    ),
    "currency in lower case": (
        [('currency = "USD"', 'currency = "usd"')],
        "",
        (7, 12, "finance.currency"),
        "'usd' is no currency, this field takes an ISO code such as 'USD'",
        "did you mean USD?",
    ),
    "two currencies": (
        [('output = "200 tok/req"', 'output = "200 tok/req"\n[quality]\ncost_per_failure = "3 EUR/failure"')],
        "",
        (17, 20, "quality.cost_per_failure"),
        "'3 EUR/failure' is in EUR, this plan is in USD, for example '3 USD/failure'",
        "convert it, or change finance.currency: a plan has one currency, USD",
    ),
    "budget a day": (
        [after('currency = "USD"', 'budget = "500 USD/day"')],
        "",
        (8, 10, "finance.budget"),
        "'500 USD/day' is money per day, this field takes money per month, quarter or year, or alone for the "
        "horizon, for example '180k USD/year'",
        "",
    ),
    "budget level": (
        [after('currency = "USD"', 'budget_level = "80%"')],
        "",
        (8, 16, "finance.budget_level"),
        "'80%' is no percentile, this field takes P1 to P99, for example 'P80'",
        "",
    ),
    "fiscal start": (
        [after('currency = "USD"', 'fiscal_start = "Apri"')],
        "",
        (8, 16, "finance.fiscal_start"),
        "'Apri' is not allowed, this field takes 'January', 'February', 'March', 'April', 'May', 'June', "
        "'July', 'August', 'September', 'October', 'November' or 'December'",
        "did you mean 'April'?",
    ),
    "unknown component": (
        [after('currency = "USD"', 'compare_on = ["training", "labour"]')],
        "",
        (8, 27, "finance.compare_on[1]"),
        "'labour' is not allowed, this field takes 'input_tokens', 'output_tokens', 'training', 'serving', "
        "'labor', 'failures', 'latency' or 'other'",
        "did you mean 'labor'?",
    ),
    "component twice": (
        [after('currency = "USD"', 'budget_covers = ["labor", "labor"]')],
        "",
        (8, 17, "finance.budget_covers"),
        "'labor' stands twice, this field takes an array of different components",
        "",
    ),
    "no component": (
        [after('currency = "USD"', "budget_covers = []")],
        "",
        (8, 17, "finance.budget_covers"),
        "the array has 0 elements, this field takes an array of different components",
        "",
    ),
    "no lifetimes": (
        [],
        "[run]\nlifetimes = 0\n",
        (62, 13, "run.lifetimes"),
        "0 is out of range, this field takes whole numbers from 1 to 1_000_000_000_000",
        "",
    ),
    "lifetimes as a float": (
        [],
        "[run]\nlifetimes = 1e6\n",
        (62, 13, "run.lifetimes"),
        "1000000.0 is no whole number, this field takes whole numbers from 1 to 1_000_000_000_000",
        "write 1_000_000",
    ),
    "lifetimes with a suffix": (
        [],
        '[run]\nlifetimes = "70k"\n',
        (62, 13, "run.lifetimes"),
        "'70k' is no whole number, this field takes whole numbers from 1 to 1_000_000_000_000",
        "write 70_000",
    ),
    "lifetimes as a fraction with a suffix": (
        [],
        '[run]\nlifetimes = "0.0005k"\n',
        (62, 13, "run.lifetimes"),
        "'0.0005k' is no whole number, this field takes whole numbers from 1 to 1_000_000_000_000",
        "",
    ),
    "lifetimes as a boolean": (
        [],
        "[run]\nlifetimes = true\n",
        (62, 13, "run.lifetimes"),
        "true is no whole number, this field takes whole numbers from 1 to 1_000_000_000_000",
        "",
    ),
    "seed too large": (
        [],
        "[run]\nseed = 18446744073709551616\n",
        (62, 8, "run.seed"),
        "18_446_744_073_709_551_616 is out of range, this field takes whole numbers from 0 to "
        "18_446_744_073_709_551_615",
        "",
    ),
    "quantiles not increasing": (
        [],
        "[run]\nquantiles = [0.5, 0.25]\n",
        (62, 13, "run.quantiles"),
        "0.25 comes after 0.5, this field takes strictly increasing numbers inside (0, 1)",
        "",
    ),
    "a quantile of 1": (
        [],
        "[run]\nquantiles = [0.5, 1.0]\n",
        (62, 19, "run.quantiles[1]"),
        "1.0 is out of range, this field takes numbers between 0 and 1, the ends left out",
        "",
    ),
    "a quantile that is nan": (
        [],
        "[run]\nquantiles = [nan]\n",
        (62, 14, "run.quantiles[0]"),
        "nan is out of range, this field takes numbers between 0 and 1, the ends left out",
        "",
    ),
    "sampler": (
        [],
        '[run]\nsampler = "sobel"\n',
        (62, 11, "run.sampler"),
        "'sobel' is not allowed, this field takes 'random' or 'sobol'",
        "did you mean 'sobol'?",
    ),
    "precision of quasi-random points": (
        [],
        '[run]\nsampler = "sobol"\nprecision = "1%"\n',
        (63, 13, "run.precision"),
        "a precision needs lifetimes drawn at random: its intervals take them to be independent",
        'write sampler = "random", or choose run.lifetimes instead',
    ),
    "precision without percent": (
        [],
        "[run]\nprecision = 0.2\n",
        (62, 13, "run.precision"),
        "0.2 is out of range, this field takes a share from 0.001% to 10%, for example '0.2%'",
        "write '0.2%'",
    ),
    "precision of nothing": (
        [],
        '[run]\nprecision = "0%"\n',
        (62, 13, "run.precision"),
        "'0%' is out of range, this field takes a share from 0.001% to 10%, for example '0.2%'",
        "",
    ),
    "precision in points": (
        [],
        '[run]\nprecision = "2 pp"\n',
        (62, 13, "run.precision"),
        "'2 pp' is no tolerance, this field takes a share from 0.001% to 10%, for example '0.2%'",
        "",
    ),
    "fewer lifetimes than a round": (
        [],
        "[run]\nmax_lifetimes = 1000\n",
        (62, 17, "run.max_lifetimes"),
        "1_000 is out of range, this field takes whole numbers from 65_536 to 1_000_000_000_000",
        "",
    ),
    "unknown entry of the catalogue": (
        [],
        '[models.x]\ncatalog = "openai:ft:gpt-4.1-mimi"\n',
        (62, 11, "models.x.catalog"),
        "the catalogue has no model 'openai:ft:gpt-4.1-mimi'",
        "did you mean openai:ft:gpt-4.1-mini, openai:ft:gpt-4o-mini or openai:gpt-4.1-mini? "
        "`simulate prices PATTERN` lists what there is",
    ),
    "model without provider": (
        [],
        '[models.x]\ncatalog = "gpt-4.1-mini"\n',
        (62, 11, "models.x.catalog"),
        "'gpt-4.1-mini' is no entry of the catalogue, this field takes 'provider:model', such as "
        "'openai:gpt-4.1-mini'",
        "did you mean openai:gpt-4.1-mini, openai:ft:gpt-4.1-mini or openai:gpt-4o-mini?",
    ),
    "a GPU for a model": (
        [],
        '[models.x]\ncatalog = "nebius:HGX:h100-sxm"\n',
        (62, 11, "models.x.catalog"),
        "'nebius:HGX:h100-sxm' has no price of input and output tokens: it is a GPU for rent, H100 SXM",
        'serving and training take gpu_price = "3.85 USD/GPU-h"',
    ),
    "a training service for a model": (
        [],
        '[models.x]\ncatalog = "ori:lora-10b"\ninput_price = "1 USD/Mtok"\n',
        (62, 11, "models.x.catalog"),
        "'ori:lora-10b' has no price of output tokens: LoRA of models up to 10B",
        'write output_price = "…" beside catalog, or choose another entry',
    ),
    "catalogue in another currency": (
        [
            ('currency = "USD"', 'currency = "EUR"'),
            ('engineer = "70 to 130 USD/h"', 'engineer = "90 EUR/h"'),
            (
                'input_price = "2 USD/Mtok"\noutput_price = "8 USD/Mtok"',
                'input_price = "2 EUR/Mtok"\noutput_price = "8 EUR/Mtok"',
            ),
            (
                'input_price = "1 USD/Mtok"\noutput_price = "4 USD/Mtok"\ntraining_price = "5 USD/Mtok"',
                'catalog = "openai:ft:gpt-4.1-mini"',
            ),
            ('evaluation = "500 USD/run"', 'evaluation = "500 EUR/run"'),
        ],
        "",
        (29, 11, "models.tuned.catalog"),
        "prices of the catalogue are in USD and this plan is in EUR: finance.usd_rate is missing",
        'add usd_rate to [finance], for example usd_rate = "0.92 EUR/USD"',
    ),
    "fine-tune of a base model": (
        [
            (
                'input_price = "1 USD/Mtok"\noutput_price = "4 USD/Mtok"\ntraining_price = "5 USD/Mtok"',
                'catalog = "openai:gpt-4.1-mini"',
            )
        ],
        "",
        (48, 1, "strategies.finetuned.training.price"),
        "the required key 'price' is missing: the model 'tuned' has no training_price",
        'catalog = "openai:ft:gpt-4.1-mini" has one, and the prices of the fine-tune',
    ),
    "unknown preset": (
        [],
        '[prices.x]\npreset = "pined"\n\n[[correlations]]\n'
        'between = ["prices.x.change_rate", "demand.growth"]\nspearman = 0.5\n',
        (62, 10, "prices.x.preset"),
        "'pined' is not allowed, this field takes 'pinned', 'tier_2025' or 'constant_quality'",
        "did you mean 'pinned'?",
    ),
    "model without prices": (
        [('input_price = "1 USD/Mtok"\n', "")],
        "",
        (28, 1, "models.tuned.input_price"),
        "the required key 'input_price' is missing (price of an input token)",
        'for example input_price = "2.50 USD/Mtok"',
    ),
    "logistic without a ceiling": (
        [('growth = "5% to 40% / year"', 'curve = "logistic"')],
        "",
        (11, 9, "demand.curve"),
        "'logistic' needs a ceiling that demand grows towards",
        'add ceiling = "…", the requests at the most, or write curve = "compound"',
    ),
    "eleven factors": (
        [('growth = "5% to 40% / year"', "seasonality = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]")],
        "",
        (11, 15, "demand.seasonality"),
        "the array has 11 elements, this field takes 12 positive factors, January first",
        "",
    ),
    "a factor of zero": (
        [('growth = "5% to 40% / year"', "seasonality = [1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]")],
        "",
        (11, 22, "demand.seasonality[2]"),
        "0 is out of range, this field takes a positive factor such as 1.2",
        "",
    ),
    "event without a time": (
        [('rate = "1 / year"', 'demand = "1 to 2"')],
        "",
        (34, 1, "events.launch"),
        "exactly one of rate, every and at must be given, it has none of them",
        "",
    ),
    "event with two times": (
        [after('rate = "1 / year"', "at = [6]")],
        "",
        (34, 1, "events.launch"),
        "exactly one of rate, every and at must be given, it has rate and at",
        "",
    ),
    "event in month 1": (
        [('rate = "1 / year"', "at = [1, 6]")],
        "",
        (35, 7, "events.launch.at[0]"),
        "1 is out of range, this field takes whole numbers from 2 on",
        "",
    ),
    "same_as of what is drawn per occurrence": (
        [('rate = "1 / year"', 'every = { same_as = "models.tuned.retired_after" }')],
        "",
        (35, 21, "events.launch.every.same_as"),
        "same_as is not allowed here",
        "what is drawn per occurrence, a mixture's member and times have draws of their own",
    ),
    "scheduled change in month 1": (
        [after('drift = "-30% / year"', "scheduled = [{ at = 1, change = 2.0 }]")],
        "",
        (22, 21, "prices.market.scheduled[0].at"),
        "1 is out of range, this field takes whole numbers from 2 on",
        "",
    ),
    "unknown prices": (
        [after('output_price = "8 USD/Mtok"', 'prices = "markte"')],
        "",
        (27, 10, "models.base.prices"),
        "there is no price process 'markte'",
        "did you mean market?",
    ),
    "neither model nor serving": (
        [('model = "base"\n', "")],
        "",
        (37, 1, "strategies.prompting"),
        "exactly one of model and serving must be given, it has none of them",
        "a model is paid by the token, serving is on GPUs of one's own",
    ),
    "model and serving": (
        [after('model = "base"', 'serving = { gpu_price = "2 USD/GPU-h", capacity = "5 req/s" }')],
        "",
        (37, 1, "strategies.prompting"),
        "exactly one of model and serving must be given, it has model and serving",
        "a model is paid by the token, serving is on GPUs of one's own",
    ),
    "serving without capacity": (
        [('model = "base"', 'serving = { gpu_price = "2 USD/GPU-h" }')],
        "",
        (38, 11, "strategies.prompting.serving.capacity"),
        "the required key 'capacity' is missing (what one replica serves: req/s or tok/s)",
        'for example capacity = "2 req/s"',
    ),
    "unknown model": (
        [('model = "base"', 'model = "bass"')],
        "",
        (38, 9, "strategies.prompting.model"),
        "there is no model 'bass'",
        "did you mean base?",
    ),
    "retrain without training": (
        [after('failures = "3% to 8%"', 'retrain = { every = "6 month" }')],
        "",
        (41, 11, "strategies.prompting.retrain"),
        "'retrain' needs a training",
        "add training = { … }",
    ),
    "retrain that never happens": (
        [('on = ["models.tuned.retired"]', 'source = "x"')],
        "",
        (55, 1, "strategies.finetuned.retrain"),
        "one or more of every, on and when_failures_exceed must be given",
        "",
    ),
    "model that cannot retire": (
        [('retired_after = "18 to 30 month"\n', "")],
        "",
        (55, 7, "strategies.finetuned.retrain.on[0]"),
        "'models.tuned.retired' never happens: the model has neither retired_after nor retired_on",
        "give [models.tuned] one of them",
    ),
    "unknown event": (
        [('on = ["models.tuned.retired"]', 'on = ["events.lunch"]')],
        "",
        (56, 7, "strategies.finetuned.retrain.on[0]"),
        "there is no event 'lunch'",
        "did you mean events.launch?",
    ),
    "event without its table": (
        [('on = ["models.tuned.retired"]', 'on = ["launch"]')],
        "",
        (56, 7, "strategies.finetuned.retrain.on[0]"),
        "'launch' is no event, this field takes 'events.NAME' or 'models.NAME.retired'",
        "did you mean events.launch?",
    ),
    "threshold as a percentage without its sign": (
        [after('on = ["models.tuned.retired"]', "when_failures_exceed = 8")],
        "",
        (57, 24, "strategies.finetuned.retrain.when_failures_exceed"),
        "8 is out of range, this field takes a share from 0 to 1, for example '8%'",
        "write '8%'",
    ),
    "training incomplete": (
        [("epochs = 3\n", "")],
        "",
        (50, 1, "strategies.finetuned.training"),
        "the required key 'epochs' is missing",
        "",
    ),
    "training in both forms": (
        [("epochs = 3", 'gpu_hours = "9 GPU-h"')],
        "",
        (50, 1, "strategies.finetuned.training"),
        "a training is given either by examples, tokens_per_example, epochs and price, or gpu_hours and "
        "gpu_price; this one has examples, tokens_per_example and gpu_hours",
        "keep one of the two",
    ),
    "premium of a training by price": (
        [after("epochs = 3", 'premium = "5%"')],
        "",
        (50, 1, "strategies.finetuned.training"),
        "a training is given either by examples, tokens_per_example, epochs and price, or gpu_hours and "
        "gpu_price; this one has examples, tokens_per_example, epochs and premium",
        "keep one of the two",
    ),
    "training without a price": (
        [('training_price = "5 USD/Mtok"\n', "")],
        "",
        (49, 1, "strategies.finetuned.training.price"),
        "the required key 'price' is missing: the model 'tuned' has no training_price",
        "add price here or training_price to [models.tuned]",
    ),
    "training of a served strategy without a price": (
        [('model = "tuned"', 'serving = { gpu_price = "2 USD/GPU-h", capacity = "5 req/s" }')],
        "",
        (50, 1, "strategies.finetuned.training.price"),
        "the required key 'price' is missing: a strategy with serving has no model to take it from",
        "add price, or give gpu_hours and gpu_price",
    ),
    "unknown technique": (
        [after("epochs = 3", 'technique = "lora-61"')],
        "",
        (54, 13, "strategies.finetuned.training.technique"),
        "'lora-61' is not allowed, this field takes 'full', 'lora-16', 'lora-64', 'qlora', 'prefix' or "
        "'prompt-tuning'",
        "did you mean 'lora-64'?",
    ),
    "hours without a role": (
        [('{ value = "80 h", role = "engineer" }', '"80 h"')],
        "",
        (59, 12, "strategies.finetuned.costs.curation"),
        "hours need a role, which says what an hour costs",
        'write { value = "80 h", role = "…" }',
    ),
    "money with a role": (
        [('evaluation = "500 USD/run"', 'evaluation = { value = "500 USD", role = "engineer" }')],
        "",
        (60, 42, "strategies.finetuned.costs.evaluation.role"),
        "a role is for hours, this item is money",
        "leave role out",
    ),
    "unknown role": (
        [('{ value = "80 h", role = "engineer" }', '{ value = "80 h", role = "enginer" }')],
        "",
        (59, 37, "strategies.finetuned.costs.curation.role"),
        "there is no role 'enginer'",
        "did you mean engineer?",
    ),
    "item at an event with a cadence": (
        [('evaluation = "500 USD/run"', 'evaluation = { value = "500 USD/month", on = "events.launch" }')],
        "",
        (60, 14, "strategies.finetuned.costs.evaluation"),
        "an item with 'on' is paid at each occurrence, this one is per month",
        "its unit must be USD or h alone",
    ),
    "item per run without training": (
        [],
        '[strategies.x]\nmodel = "base"\nprompt = "9 tok/req"\ncosts.x = "5 USD/run"\n',
        (64, 11, "strategies.x.costs.x"),
        "an item per run needs a training",
        "add training = { … } or choose another cadence",
    ),
    "unknown key of an item": (
        [('{ value = "80 h", role = "engineer" }', '{ value = "80 h", role = "engineer", varys = "20%" }')],
        "",
        (59, 49, "strategies.finetuned.costs.curation.varys"),
        "unknown key 'varys', allowed are value, source, owner, role, on, growth and varies",
        "did you mean varies?",
    ),
    "route without a rest": (
        [],
        PARTS + '"40%", finetuned = "60%" }\n',
        (62, 9, "strategies.h.route"),
        'exactly one part must have "rest", none has',
        'write NAME = "rest"',
    ),
    "route with two rests": (
        [],
        PARTS + '"rest", finetuned = "rest" }\n',
        (62, 9, "strategies.h.route"),
        'exactly one part must have "rest", prompting and finetuned have',
        'write NAME = "rest"',
    ),
    "route of more than everything": (
        [],
        PARTS + '"70%", finetuned = "rest", third = "40%" }\n[strategies.third]\nextends = "prompting"\n',
        (62, 9, "strategies.h.route"),
        "the constant shares sum to 1.1, at most 1 is there to share",
        "lower one of them",
    ),
    "route to a routed strategy": (
        [],
        PARTS + '"rest", h = "5%" }\n',
        (62, 31, "strategies.h.route.h"),
        "'h' is a routed strategy, only plain strategies can stand here",
        "the plain strategies of this plan are prompting and finetuned",
    ),
    "run items of a routed strategy": (
        [],
        PARTS + '"rest" }\ncosts.x = "5 USD/run"\n',
        (63, 11, "strategies.h.costs.x"),
        "a routed strategy has no training runs of its own to pay /run",
        "move the item to the plain strategy that is trained",
    ),
    "key of another kind": (
        [],
        PARTS + '"rest" }\nmodel = "base"\n',
        (63, 1, "strategies.h.model"),
        "'model' is a key of plain strategies, this one is routed: it has 'route'",
        "[strategies.h] takes label, part, costs and route",
    ),
    "migration without steps": (
        [],
        '[strategies.m]\nstart_with = "prompting"\n',
        (61, 1, "strategies.m.then"),
        "the required key 'then' is missing (the steps, in order)",
        "",
    ),
    "migration in month 1": (
        [],
        MOVE + "{ at = 1 } }]\n",
        (63, 51, "strategies.m.then[0].when.at"),
        "1 is out of range, this field takes whole numbers from 2 on",
        "",
    ),
    "migration at once on two conditions": (
        [],
        MOVE + '{ at = 3, on = "events.launch" } }]\n',
        (63, 44, "strategies.m.then[0].when"),
        "exactly one of requests_above, at and on must be given, it has at and on",
        "",
    ),
    "for without requests_above": (
        [],
        MOVE + '{ at = 3, for = "2 month" } }]\n',
        (63, 60, "strategies.m.then[0].when.for"),
        "'for' belongs to requests_above, which is not given",
        "leave it out",
    ),
    "step with hours and no role": (
        [],
        MOVE + '{ at = 3 }, hours = "5 h" }]\n',
        (63, 64, "strategies.m.then[0].hours"),
        "hours need a role, which says what an hour costs",
        'add role = "…"',
    ),
    "step to where it is": (
        [],
        MOVE + '{ at = 3 } }, { migrate_to = "finetuned", when = { at = 5 } }]\n',
        (63, 73, "strategies.m.then[1].migrate_to"),
        "'finetuned' is the strategy before this step already",
        "no two in a row may be the same",
    ),
    "step to a migrating strategy": (
        [],
        MOVE + '{ at = 3 } }, { migrate_to = "m", when = { at = 5 } }]\n',
        (63, 73, "strategies.m.then[1].migrate_to"),
        "'m' is a migrating strategy, only plain or routed strategies can stand here",
        "the plain or routed strategies of this plan are prompting and finetuned",
    ),
    "names that differ in case": (
        [],
        '[models.Base]\ninput_price = "1 USD/Mtok"\noutput_price = "1 USD/Mtok"\n',
        (61, 9, "models.Base"),
        "the names 'base' and 'Base' differ only in case",
        "rename one model",
    ),
    "a name with a blank": (
        [],
        '[strategies."own GPUs"]\nextends = "prompting"\n',
        (61, 13, 'strategies."own GPUs"'),
        "'own GPUs' is no name of a strategy: names are 1 to 64 of the characters A-Z a-z 0-9 _ -",
        "free text goes into 'label'",
    ),
    "two labels alike": (
        [after('model = "base"', 'label = "Ours"'), after('model = "tuned"', 'label = "Ours"')],
        "",
        (48, 9, "strategies.finetuned.label"),
        "'Ours' is the label of strategy 'prompting' too",
        "figures and tables tell strategies apart by their labels: choose another one",
    ),
    "a label that is the name of another strategy": (
        [after('model = "base"', 'label = "finetuned"')],
        "",
        (39, 9, "strategies.prompting.label"),
        "'finetuned' is the label of strategy 'finetuned' too",
        "figures and tables tell strategies apart by their labels: choose another one",
    ),
    "a number as a label": (
        [after('model = "base"', "label = 3")],
        "",
        (39, 9, "strategies.prompting.label"),
        "3 is no text",
        'write it in quotes: "3"',
    ),
    "a value in place of a table": (
        [('[finance]\ncurrency = "USD"', "finance = 3")],
        "",
        (6, 11, "finance"),
        "3 is no table",
        "write a table: [finance]",
    ),
    "double brackets": (
        [("[demand]", "[[demand]]")],
        "",
        (9, 1, "demand"),
        "an array is no table",
        "write [demand] in single brackets",
    ),
    "unknown target of same_as": (
        [('failures = "2% to 5%"', 'failures = { same_as = "strategies.prompting.failure" }')],
        "",
        (48, 24, "strategies.finetuned.failures.same_as"),
        "no quantity 'strategies.prompting.failure' is written in this plan: a default has no draw to share",
        "did you mean strategies.prompting.failures?",
    ),
    "same_as of another dimension": (
        [('failures = "2% to 5%"', 'failures = { same_as = "demand.requests" }')],
        "",
        (48, 24, "strategies.finetuned.failures.same_as"),
        "'demand.requests' gives requests per time, this field takes a share from 0 to 1",
        "",
    ),
    "same_as an occurrence": (
        [after('failures = "2% to 5%"', 'output_ratio = { same_as = "prices.market.change" }')],
        "",
        (49, 28, "strategies.finetuned.output_ratio.same_as"),
        "'prices.market.change' is drawn anew at each occurrence, so it has no one draw to share",
        "name a quantity that is drawn once per lifetime",
    ),
    "same_as in a circle": (
        [
            ('failures = "2% to 5%"', 'failures = { same_as = "strategies.prompting.failures" }'),
            ('failures = "3% to 8%"', 'failures = { same_as = "strategies.finetuned.failures" }'),
        ],
        "",
        (40, 24, "strategies.prompting.failures.same_as"),
        "strategies.prompting.failures is the same as strategies.finetuned.failures is the same as "
        "strategies.prompting.failures: a cycle, so none of them has a value",
        "give one of them a value of its own",
    ),
    "correlation of one": (
        [],
        '[[correlations]]\nbetween = ["demand.growth"]\nspearman = 0.4\n',
        (62, 11, "correlations[0].between"),
        "a correlation takes two names or more, this one has 'demand.growth' alone",
        "",
    ),
    "correlation of 1": (
        [],
        '[[correlations]]\nbetween = ["demand.growth", "demand.requests"]\nspearman = -1\n',
        (63, 12, "correlations[0].spearman"),
        "-1 is out of range, this field takes numbers between -1 and 1, the ends left out",
        "",
    ),
    "correlation with itself": (
        [],
        '[[correlations]]\nbetween = ["demand.growth", "demand.growth"]\nspearman = 0.4\n',
        (62, 29, "correlations[0].between[1]"),
        "'demand.growth' would correlate demand.growth with itself",
        "name each quantity once",
    ),
    "correlation with a constant": (
        [],
        '[[correlations]]\nbetween = ["demand.growth", "request.input"]\nspearman = 0.4\n',
        (62, 29, "correlations[0].between[1]"),
        "'request.input' is a constant, 400 tok/req: nothing moves with it",
        "leave it out",
    ),
    "correlation with an occurrence": (
        [],
        '[[correlations]]\nbetween = ["demand.growth", "prices.market.change"]\nspearman = 0.4\n',
        (62, 29, "correlations[0].between[1]"),
        "'prices.market.change' is drawn anew at each occurrence, a correlation takes what is drawn once per "
        "lifetime",
        "",
    ),
    "correlation with nothing": (
        [],
        '[[correlations]]\nbetween = ["demand.growth", "people.enginer"]\nspearman = 0.4\n',
        (62, 29, "correlations[0].between[1]"),
        "no quantity 'people.enginer' is written in this plan",
        "did you mean people.engineer?",
    ),
    "pattern of nothing": (
        [],
        '[[correlations]]\nbetween = ["demand.growth", "strategies.*"]\nspearman = 0.4\n',
        (62, 29, "correlations[0].between[1]"),
        "'strategies.*' matches no quantity that is written in this plan",
        "`*` matches within one part of a dotted name: strategies.*.failures",
    ),
    "a pair twice": (
        [],
        '[[correlations]]\nbetween = ["demand.growth", "demand.requests"]\nspearman = 0.4\n'
        '[[correlations]]\nbetween = ["demand.*"]\nspearman = 0.4\n',
        (65, 11, "correlations[1].between"),
        "the pair demand.requests and demand.growth stands in correlations[0] already",
        "give a pair one value, in one place",
    ),
    "a control character": (
        [('name = "Small"', 'name = "Sm\\u0000all"')],
        "",
        (1, 8, "name"),
        "the text holds the control character U+0000",
        "delete it",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_says_where_what_and_what_to_write_instead(errors_of, name):
    changes, add, place, message, hint = CASES[name]
    errors = errors_of(*changes, add=add)
    assert [str(error) for error in errors[1:]] == []
    first = errors[0]
    assert (first.line, first.column, first.key, first.message, first.hint) == (*place, message, hint)
    assert first.file == "plan.toml"


def test_a_wrong_factor_does_not_hide_a_wrong_target(errors_of):
    errors = errors_of(('failures = "2% to 5%"', 'failures = { same_as = "strategies.x.y", times = "5 h" }'))
    assert [error.key for error in errors] == [
        "strategies.finetuned.failures.same_as",
        "strategies.finetuned.failures.times",
    ]


def test_what_must_be_above_zero_cannot_be_the_same_as_zero(errors_of):
    (error,) = errors_of(
        ('growth = "5% to 40% / year"', 'ceiling = { same_as = "demand.requests", times = 0 }')
    )
    assert error.message == "the same as 'demand.requests' is 0 here, this field must be above 0"


def test_correlations_that_contradict_one_another_are_refused(errors_of):
    names = '["demand.growth", "demand.requests", "strategies.prompting.failures"]'
    add = f"[[correlations]]\nbetween = {names}\nspearman = "
    (error,) = errors_of(add=f"{add}-0.9\n")
    assert error.key == "correlations[0]"
    assert error.line is not None
    assert "contradict one another" in error.message
    assert "demand.growth and demand.requests: -0.4" in error.message


@pytest.mark.parametrize("seed", range(40))
def test_the_quick_look_at_correlations_misses_no_contradiction(seed):
    draw = Random(seed)
    names = "abcdef"[: draw.randint(2, 6)]
    spread = draw.choice([0.3, 0.6, 0.9999999])
    pairs = tuple(
        Correlation(first, second, draw.uniform(-spread, spread)) for first, second in combinations(names, 2)
    )
    try:
        components((one.first, one.second, one.spearman) for one in pairs)
    except NotPositiveDefiniteError:
        assert correlations._may_contradict(pairs)
    else:
        # Away from the edge it is as sure as the real one.
        assert not correlations._may_contradict(
            tuple(Correlation(one.first, one.second, 0.9 * one.spearman) for one in pairs)
        )


def test_a_plan_of_parts_alone_is_refused(errors_of):
    errors = errors_of(
        ('failures = "3% to 8%"', 'failures = "3% to 8%"\npart = true'),
        ('failures = "2% to 5%"', 'failures = "2% to 5%"\npart = true'),
    )
    assert [(error.key, error.message) for error in errors] == [
        ("baseline", "'prompting' is a part, which takes part in no comparison"),
        ("strategies", "every strategy is a part, a plan has one or more to compare"),
    ]


def test_an_error_prints_as_a_block():
    text = 'name = "x"\nhorizon = 36\n'
    with pytest.raises(PlanErrors) as caught:
        parse_plan(text.encode(), "plan.toml")
    blocks = str(caught.value).split("\n\n")
    assert blocks[-1] == (
        "plan.toml:2:11  horizon\n"
        "  36 has no unit, this field takes whole months from 1 to 120, for example '36 month'\n"
        "  hint: write '36 month'"
    )
    assert [error.key for error in caught.value][:-1] == [
        "start",
        "baseline",
        "finance",
        "demand",
        "request",
        "strategies",
    ]


def test_all_errors_come_at_once_in_the_order_of_the_file(errors_of):
    errors = errors_of(
        ('horizon = "24 month"', 'horizon = "0 month"'),
        ('currency = "USD"', 'currency = "USD"\ncolour = "red"'),
        ('model = "base"', 'model = "bass"'),
        ('failures = "2% to 5%"', 'failures = "2 to 5 tok"'),
        add='[[correlations]]\nbetween = ["demand.growth", "x.y"]\nspearman = 7\n',
    )
    assert [error.key for error in errors] == [
        "horizon",
        "finance.colour",
        "strategies.prompting.model",
        "strategies.finetuned.failures",
        "correlations[0].between[1]",
        "correlations[0].spearman",
    ]
    assert [error.line for error in errors] == sorted(error.line for error in errors)


NO_TOML = {
    "prose": (b"hello world\n", 1, 7, "expected '=' after a key"),
    "json": (b'{"a": 1}', 1, 1, "invalid statement"),
    "a value without quotes": (b'name = "x"\ngrowth = 5% / year\n', 2, 11, "expected newline"),
    "a string without an end": (b'name = "x\nstart = 1\n', 1, 10, "illegal character"),
    "a key twice": (b"a = 1\na = 2\n", 2, 6, "cannot overwrite a value"),
    "a table twice": (b"[a]\n[a]\n", 2, 3, "cannot declare ('a',) twice"),
    "an end too early": (b"a = [1,\n2", 2, 2, "unclosed array"),
    "carriage returns": (b"a = 1\rb = 2\r", 1, 6, "a carriage return (CR) alone is no line end"),
}


@pytest.mark.parametrize("name", NO_TOML)
def test_what_is_no_toml_is_refused_with_its_place(name):
    content, line, column, message = NO_TOML[name]
    with pytest.raises(PlanErrors) as caught:
        parse_plan(content, "plan.toml")
    (error,) = caught.value.errors
    assert (error.line, error.column, error.key) == (line, column, "")
    assert message in error.message


HOSTILE = {
    "numbers in strings": ("examples = 5000", 'examples = "' + "9" * 10_000 + '"'),
    "nan": ("examples = 5000", "examples = nan"),
    "infinity": ("examples = 5000", "examples = 1e400"),
    "hexadecimal": ("examples = 5000", "examples = 0x" + "f" * 10_000),
    "strategies": ("epochs = 3", "epochs = 3\n" + "".join(f"[strategies.s{i}]\n" for i in range(9_000))),
    "bases": (
        "epochs = 3",
        "epochs = 3\n" + "".join(f'[strategies.s{i}]\nextends = "s{i + 1}"\n' for i in range(5_000)),
    ),
    "chains": (
        'evaluation = "500 USD/run"',
        "".join(f'i{i} = {{ same_as = "strategies.finetuned.costs.i{i + 1}" }}\n' for i in range(3_000))
        + 'i3000 = "1 USD"',
    ),
    "patterns": (
        'evaluation = "500 USD/run"',
        "".join(
            f'[[correlations]]\nbetween = ["{"*a" * 60}.{"*" * 60}b.x", "demand.growth"]\nspearman = 0.1\n'
            for _ in range(500)
        ),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_plans_are_refused_quickly(errors_of, name):
    began = time.process_time()
    errors = errors_of(HOSTILE[name])
    assert errors
    assert time.process_time() - began < 3


def test_what_a_file_holds_cannot_act_on_a_terminal(errors_of):
    (error,) = errors_of(('model = "base"', 'model = "\\u001b[2Jbase"'))
    assert error.message == r"there is no model '\x1b[2Jbase'"


def test_a_file_that_never_ends_is_refused():
    with pytest.raises(PlanErrors, match="larger than 1 MB"):
        load_plan("/dev/zero")


def test_a_chain_of_same_as_can_be_only_so_long(errors_of):
    chain = "".join(f'i{i} = {{ same_as = "strategies.finetuned.costs.i{i + 1}" }}\n' for i in range(60))
    errors = errors_of(('evaluation = "500 USD/run"', chain + 'i60 = "1 USD"'))
    assert [error.message for error in errors] == [
        "a chain of more than 50 quantities, each the same as the next"
    ]
