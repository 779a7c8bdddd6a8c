"""One small plan of every kind of strategy, its money and its tables open to change."""

from __future__ import annotations

import re

from simulator.plan import Plan, parse_plan

TEXT = """
name = "Small"
start = 2027-01-01
horizon = "14 month"
baseline = "prompting"

[finance]
currency = "USD"
discount = "8% / year"
inflation = "1% to 4% / year"
fiscal_start = "April"
budget = "60000 USD/year"

[run]
lifetimes = 1000
seed = 11

[demand]
requests = "60k to 300k req/month"
growth = "0% to 60% / year"
volatility = "8% / month"

[request]
input = "800 to 1400 tok/req"
output = "150 to 300 tok/req"
variation = "10% / month"

[quality]
cost_per_failure = { p10 = 0.02, p50 = 0.05, p90 = 0.15, unit = "USD/failure" }
cost_per_second = "0.0002 USD/s"

[people]
engineer = "80 to 125 USD/h"
raise = "2% / year"

[prices.market]
drift = "-50% to 0% / year"
volatility = "10% / month"

[models.large]
input_price = "2 USD/Mtok"
output_price = "10 USD/Mtok"
prices = "market"

[models.small]
input_price = "0.10 USD/Mtok"
output_price = "0.40 USD/Mtok"
training_price = "1 to 3 USD/Mtok"

[events.rules]
rate = "1 to 4 / year"

[strategies.prompting]
model = "large"
prompt = "1.2k to 1.9k tok/req"
failures = "3% to 8%"
latency = { base = "0.5 s/req", per_input = "0.1 s/ktok" }
costs.upkeep = { value = "4 to 12 h/month", role = "engineer", varies = "20%" }

[strategies.finetuned]
model = "small"
prompt = "80 to 200 tok/req"
failures = { same_as = "strategies.prompting.failures", times = "0.7 to 1.3" }
training = { examples = "2k to 8k", tokens_per_example = "1.5k tok/example", epochs = 3 }
retrain = { every = "5 to 9 month", on = ["events.rules"] }
costs.curation = { value = "80 to 240 h", role = "engineer" }
costs.refresh = { value = "8 to 30 h/run", role = "engineer" }
costs.hosting = { min = 100, max = 300, unit = "USD/month" }

[strategies.hosted]
prompt = "80 to 200 tok/req"
failures = "3% to 7%"
serving = { gpu_price = "1 to 3 USD/GPU-h", capacity = "500 to 900 tok/s", peak = "2 to 3" }
costs.setup = "4000 to 9000 USD"

[strategies.mixed]
route = { finetuned = "60% to 90%", prompting = "rest" }
costs.router = "100 USD/month"

[strategies.moving]
start_with = "prompting"

[[strategies.moving.then]]
migrate_to = "finetuned"
when = { requests_above = "150k req/month" }
takes = "1 month"
cost = "2000 USD"
"""

MONEY = re.compile(
    r'(?P<numbers>[0-9.]+(?: to [0-9.]+)?) USD(?!")|(?P<bare>[0-9.]+(?: to [0-9.]+)?) USD(?=")'
)
TABLE = re.compile(r'\{ (?P<keys>p10 = .*?|min = .*?), unit = "USD')
NUMBER = re.compile(r"(?<![0-9a-z.])[0-9]+(?:\.[0-9]+)?")


def in_other_money(text: str, factor: float) -> str:
    """Multiply every amount of money that the plan names."""

    def scaled(match: re.Match) -> str:
        return NUMBER.sub(lambda number: repr(float(number[0]) * factor), match[0])

    return TABLE.sub(scaled, MONEY.sub(scaled, text))


def read(text: str = TEXT, *overrides: str) -> Plan:
    """Read a plan from its text."""
    return parse_plan(text.encode(), "plan.toml", overrides)


def changed(*pairs: tuple[str, str]) -> str:
    """Give the text with each first part, which it must hold, replaced by the second one."""
    text = TEXT
    for old, new in pairs:
        if old not in text:
            raise ValueError(f"the plan holds no {old!r}")
        text = text.replace(old, new)
    return text


def read_with_price_changes(*overrides: str) -> Plan:
    """Read the plan with a market, which training follows too, whose prices change at random."""
    text = changed(
        (
            "[prices.market]\n",
            '[prices.market]\nchange_rate = "1 to 3 / year"\n'
            "change.mixture = [{ weight = 3, value = { p10 = 0.3, p50 = 0.6, p90 = 0.9 } },\n"
            "                  { weight = 1, value = { p10 = 1.2, p50 = 1.5, p90 = 3.0 } }]\n",
        ),
        ('training_price = "1 to 3 USD/Mtok"\n', 'training_price = "1 to 3 USD/Mtok"\nprices = "market"\n'),
    )
    return read(text, *overrides)
