"""Compose small plans from a seed, so that every paragraph of the model meets every other one somewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.plan import Plan, parse_plan

HORIZONS = (1, 2, 5, 13, 24, 37)
MONTHS = ("January", "February", "April", "July", "October", "December")
COMPONENTS = ("input_tokens", "output_tokens", "training", "serving", "labor", "failures", "latency", "other")
EVENTS = ("events.rules", "events.audit", "events.season", "models.base.retired", "models.small.retired")
BUDGETS = (None, "40k USD/month", "130k USD/quarter", "500k USD/year", "900k USD")


def read(text: str, *overrides: str) -> Plan:
    """Read a plan from its text."""
    return parse_plan(text.encode(), "plan.toml", overrides)


@dataclass
class Composer:
    """Writes one plan; the same seed writes the same one.

    Parameters
    ----------
    seed
        Of the choices, which have nothing to do with the plan's own lifetimes.
    """

    seed: int

    def __post_init__(self) -> None:
        self.generator = np.random.default_rng(self.seed)
        self.horizon = HORIZONS[self.seed % len(HORIZONS)]

    # --- choices

    def any(self, *choices):
        """Choose one."""
        return choices[int(self.generator.integers(len(choices)))]

    def maybe(self, line: str, chance: float = 0.5) -> str:
        """Write a line or leave it out."""
        return line if self.generator.random() < chance else ""

    def some(self, *choices, least: int = 0) -> list:
        """Choose some of them, in their order."""
        chosen = [choice for choice in choices if self.generator.random() < 0.5]
        return chosen if len(chosen) >= least else list(choices[:least])

    def month(self) -> int:
        """Choose a month from 2 on, at times one behind the horizon."""
        return int(self.generator.integers(2, max(self.horizon + 2, 4)))

    # --- the plan

    def text(self) -> str:
        """Write the whole plan."""
        parts = [
            self.head(),
            self.world(),
            self.models(),
            self.happenings(),
            self.plain_strategies(),
            self.routed_strategies(),
            self.migrating("moves"),
            self.migrating("returns"),
            self.hurried(),
            self.correlations(),
        ]
        lines = (line.strip() for line in "\n".join(parts).splitlines())
        return "\n".join(line for line in lines if line)

    def head(self) -> str:
        compared = self.some(*COMPONENTS, least=2)
        covered = self.some(*COMPONENTS, least=3)
        budget = BUDGETS[self.seed % len(BUDGETS)]
        return f"""
            name = "Composed {self.seed}"
            start = 202{self.any(6, 7, 8)}-{self.any("01", "02", "06", "11", "12")}-01
            horizon = "{self.horizon} month"
            baseline = "plain"
            [finance]
            currency = "USD"
            fiscal_start = "{self.any(*MONTHS)}"
            {self.maybe('discount = "4% to 12% / year"', 0.7)}
            {self.maybe('inflation = "1% to 6% / year"', 0.7)}
            {"" if budget is None else f'budget = "{budget}"'}
            {self.maybe(f"compare_on = {compared}")}
            {self.maybe(f"budget_covers = {covered}")}
            [run]
            lifetimes = 1000
            seed = {self.any(0, 7, 2**32 + 5, 2**64 - 1)}
        """

    def world(self) -> str:
        ceiling = self.any("", 'ceiling = "250k req/month"', 'ceiling = "180k to 500k req/month"')
        curve = 'curve = "logistic"' if ceiling and self.generator.random() < 0.5 else ""
        failure = '{ min = 0.1, max = 2, unit = "USD/failure" }'
        writers = (
            '{ min = 30, max = 60, unit = "USD/h" }',
            '{ same_as = "people.engineer", times = 0.5 }',
        )
        # A logistic curve that shrinks turns round above its ceiling and grows beyond every bound.
        growth = f'growth = "{"5%" if curve else "-10%"} to 120% / year"'
        seasons = "seasonality = [1.2, 0.9, 1, 1, 1, 0.8, 0.7, 0.8, 1, 1.1, 1.2, 1.3]"
        return f"""
            [demand]
            requests = "{self.any("60k to 300k req/month", "120k req/month", "2k to 4k req/day")}"
            {self.maybe(growth, 0.8)}
            {self.maybe('volatility = "5% to 20% / month"', 0.7)}
            {ceiling}
            {curve}
            {self.maybe(seasons)}
            [request]
            input = "{self.any("300 to 900 tok/req", "0.5 ktok/req")}"
            output = "{self.any("100 to 300 tok/req", "180 tok/req")}"
            {self.maybe('input_growth = "-5% to 10% / year"')}
            {self.maybe('output_growth = "1% / month"')}
            {self.maybe('variation = "4% to 12% / month"')}
            [quality]
            cost_per_failure = {self.any('"0.1 to 2 USD/failure"', failure)}
            {self.maybe('cost_per_second = "0.0001 to 0.001 USD/s"', 0.7)}
            [people]
            {self.maybe('raise = "1% to 5% / year"')}
            engineer = "70 to 130 USD/h"
            writer = {self.any('"40 USD/h"', *writers)}
        """

    def models(self) -> str:
        after = 'retired_after = { values = [0.4, 3, 9], unit = "month" }'
        first = self.any("2026-12-15", "2027-03-01", "2028-01-31", "2020-01-01", "2030-01-01")
        scheduled = (
            f"scheduled = [{{ at = {self.month()}, change = 1.5 }}, {{ at = {self.month()}, change = 0.7 }}]"
        )
        return f"""
            [prices.market]
            drift = "-50% to 10% / year"
            {self.maybe('volatility = "3% to 12% / month"')}
            {self.maybe('change_rate = "0.5 to 4 / year"')}
            {self.maybe('change = "0.5 to 1.6"', 0.9)}
            {self.maybe(scheduled)}
            [prices.gpu]
            {self.maybe('drift = "-3% / month"')}
            [models.base]
            input_price = "2 USD/Mtok"
            {self.maybe('cached_price = "0.3 to 0.6 USD/Mtok"')}
            output_price = "0.008 USD/ktok"
            {self.maybe('batch_discount = "40%"')}
            {self.maybe('prices = "market"', 0.8)}
            retired_after = "6 to 20 month"
            [models.small]
            input_price = "0.3 to 0.5 USD/Mtok"
            output_price = "1.5 USD/Mtok"
            training_price = "{self.any("4 USD/Mtok", "3 to 8 USD/Mtok")}"
            {self.maybe('premium = "2% to 10%"')}
            {self.maybe('prices = "market"')}
            {self.any(after, f"retired_on = {first}", after + chr(10) + f"retired_on = {first}")}
        """

    def happenings(self) -> str:
        return f"""
            [events.rules]
            rate = "{self.any("1 to 6 / year", "3 / year", "0.2 / month")}"
            {self.maybe('demand = "0.9 to 1.4"')}
            [events.audit]
            every = "{self.any("0.3 to 4 month", "3 month", "5 to 9 month")}"
            [events.season]
            at = {sorted({self.month(), self.month()})}
            {self.maybe("demand = { min = 0.8, max = 1.5 }")}
        """

    def plain_strategies(self) -> str:
        triggers = self.some(*EVENTS)
        retrain = self.some(
            f'every = "{self.any("3 month", "2 to 7 month", "0.2 to 1.5 month")}"',
            f"on = {triggers}" if triggers else "",
            f'when_failures_exceed = "{self.any("5%", "8%", "12%")}"',
        )
        retrain = [line for line in retrain if line]
        capacity = self.any("2k to 6k tok/s", "0.05 to 0.2 req/s")
        return f"""
            [strategies.plain]
            model = "base"
            prompt = "1k to 2k tok/req"
            {self.maybe('prompt_growth = "0.5% / month"')}
            {self.maybe('retrieved = "200 to 900 tok/req"')}
            {self.maybe('cached = "30% to 80%"')}
            {self.maybe('batched = "10% to 40%"')}
            retries = {self.any('"1% to 4%"', "0.02", "{ p10 = 0.01, p50 = 0.02, p90 = 0.09 }")}
            failures = "4% to 9%"
            {self.maybe('failure_drift = "0.1 pp/month"')}
            {self.maybe('latency = { base = "0.4 to 0.9 s/req", per_input = "0.1 s/ktok" }')}
            {self.items("plain", trained=False)}
            [strategies.shorter]
            extends = "plain"
            prompt = "0.5k to 0.9k tok/req"
            failures = {{ same_as = "strategies.plain.failures", times = "1 to 14" }}
            {self.maybe("part = true")}
            {self.items("shorter", trained=False)}
            [strategies.tuned]
            model = "small"
            prompt = "80 to 200 tok/req"
            {self.maybe('output = "90 to 250 tok/req"')}
            {self.maybe('input = "250 to 800 tok/req"')}
            {self.maybe('output_ratio = "0.8 to 1.1"')}
            {self.maybe('cost_per_failure = "1 USD/failure"')}
            failures = "1% to 6%"
            {self.maybe('failure_drift = "0.1 to 2 pp/month"', 0.8)}
            {self.maybe("part = true", 0.3)}
            [strategies.tuned.training]
            examples = "2k to 8k"
            tokens_per_example = "1 ktok/example"
            epochs = 3
            {self.maybe('price = "5 to 9 USD/Mtok"')}
            {self.maybe('minimum = "120 USD/run"')}
            {self.maybe("attempts = { values = [1, 2, 3], weights = [5, 3, 2] }")}
            technique = "{self.any("full", "lora-16", "lora-64", "prefix")}"
            {"[strategies.tuned.retrain]" if retrain else ""}
            {chr(10).join(retrain)}
            {self.items("tuned", trained=True)}
            [strategies.hosted]
            prompt = "100 to 250 tok/req"
            retries = "{self.any("0%", "2% to 5%")}"
            failures = "2% to 8%"
            {self.maybe('failure_drift = "0.2 to 0.5 pp/month"')}
            [strategies.hosted.serving]
            gpu_price = "1.4 to 3.7 USD/GPU-h"
            capacity = "{capacity}"
            {self.maybe("gpus = 2")}
            {self.maybe('peak = "1.5 to 4"')}
            min_replicas = {self.any(0, 1, 3)}
            {self.maybe('premium = "5%"')}
            {self.maybe('prices = "gpu"')}
            [strategies.hosted.training]
            gpu_hours = "8 to 40 GPU-h"
            gpu_price = {self.any('"2 USD/GPU-h"', '{ same_as = "strategies.hosted.serving.gpu_price" }')}
            technique = "{self.any("qlora", "prompt-tuning", "full")}"
            {self.maybe('premium = "10%"')}
            {self.maybe('prices = "gpu"')}
            attempts = "1 to 3"
            {self.maybe("[strategies.hosted.retrain]" + chr(10) + 'when_failures_exceed = "10%"')}
            {self.items("hosted", trained=True)}
        """

    def items(self, owner: str, *, trained: bool) -> str:
        """Write some items of an owner: every cadence, in money and in hours."""
        lines = []
        periods = ["", "/h", "/day", "/month", "/quarter", "/year", "/req", "/kreq"]
        usual = {"": 9000, "/h": 0.4, "/day": 9, "/month": 300, "/quarter": 800, "/year": 3000, "/run": 500}
        usual |= {"/req": 0.002, "/kreq": 1.5}
        for period in [*periods, "/run"] if trained else periods:
            for kind in ("USD", "h"):
                if self.generator.random() < 0.6:
                    continue
                middle = usual[period] / (1.0 if kind == "USD" else 80.0)
                value = f"{middle / 2:.6g} to {middle * 2:.6g} {kind}{period}"
                notes = [
                    'role = "engineer"' if kind == "h" else "",
                    self.maybe('growth = "3% to 20% / year"', 0.4),
                    self.maybe('varies = "10% to 40%"', 0.4),
                    self.maybe(f'on = "{self.any(*EVENTS)}"') if period == "" else "",
                ]
                table = ", ".join([f'value = "{value}"', *filter(None, notes)])
                lines.append(f"{kind}{period.replace('/', '_')} = {{ {table} }}")
        return f"[strategies.{owner}.costs]\n" + "\n".join(lines) if lines else ""

    def routed_strategies(self) -> str:
        share = self.any("60% to 90%", "85% to 99%", "50%")
        other = "30% to 60%" if "to" in share else "9%"
        return f"""
            [strategies.mixed]
            route = {{ tuned = "{share}", shorter = "{self.any("5%", other)}", plain = "rest" }}
            {self.maybe("part = true", 0.3)}
            {self.items("mixed", trained=False)}
            [strategies.divided]
            route = {{ hosted = "rest", tuned = "{self.any("20%", "60% to 95%")}", shorter = "10% to 50%" }}
            {self.maybe("part = true", 0.6)}
        """

    # --- migrations

    def takes(self) -> str:
        """Write how long a step takes, or nothing for a step of no time."""
        takes = self.any("", "0 month", "1.5 month", "3 month", "0.2 to 4 month", "2 month")
        return f'takes = "{takes}"' if takes else ""

    def when(self) -> str:
        """Write a condition."""
        kind = self.any("above", "at", "on", "above")
        if kind == "at":
            return f"when = {{ at = {self.month()} }}"
        if kind == "on":
            return f'when = {{ on = "{self.any(*EVENTS)}" }}'
        notes = [
            f'requests_above = "{self.any("90k to 180k req/month", "100k req/month", "1k req/month")}"',
            self.maybe(f'for = "{self.any(1, 2, 3)} month"'),
            self.maybe(f'not_before = "{self.any(0, 1, 3)} month"'),
        ]
        return f"when = {{ {', '.join(filter(None, notes))} }}"

    def step(self, owner: str, target: str, when: str | None = None, takes: str | None = None) -> str:
        """Write a step to a strategy."""
        return f"""
            [[strategies.{owner}.then]]
            migrate_to = "{target}"
            {self.when() if when is None else when}
            {self.takes() if takes is None else takes}
            {self.maybe('cost = "2k to 8k USD"')}
            {self.maybe('hours = "30 to 90 h"' + chr(10) + 'role = "writer"')}
        """

    def migrating(self, name: str) -> str:
        """Write a migrating strategy of one to four steps; "returns" comes back to where it began."""
        targets = ["plain", "tuned", "mixed", "hosted", "divided", "shorter"]
        first = self.any(*targets)
        course, last = [], first
        for _ in range(int(self.generator.integers(1, 5))):
            last = self.any(*(target for target in targets if target != last))
            course.append(last)
        if name == "returns":
            first, course = self.any(("tuned", ["mixed", "tuned"]), ("plain", ["tuned", "plain", "tuned"]))
        steps = "".join(self.step(name, target) for target in course)
        items = self.items(name, trained=False)
        return f"""
            [strategies.{name}]
            start_with = "{first}"
            {items}
            {steps}
        """

    def hurried(self) -> str:
        """Write a migrating strategy whose steps follow on one another, month by month."""
        first = self.month()
        takes = self.any('takes = "1 month"', "")
        return f"""
            [strategies.hurried]
            start_with = "shorter"
            {self.step("hurried", "tuned", f"when = {{ at = {first} }}", 'takes = "0 month"')}
            {self.step("hurried", "mixed", f"when = {{ at = {first + 1} }}", takes)}
            {self.step("hurried", "hosted", 'when = { requests_above = "1 req/month" }', "")}
            {self.step("hurried", "tuned", 'when = { requests_above = "1 req/month", for = "3 month" }', "")}
        """

    def correlations(self) -> str:
        if self.generator.random() < 0.5:
            return ""
        return """
            [[correlations]]
            between = ["people.engineer", "strategies.plain.failures", "strategies.tuned.failures"]
            spearman = 0.4
            [[correlations]]
            between = ["strategies.plain.prompt", "strategies.tuned.prompt"]
            spearman = -0.7
        """


def compose(seed: int) -> Plan:
    """Compose the plan of a seed."""
    return read(Composer(seed).text())
