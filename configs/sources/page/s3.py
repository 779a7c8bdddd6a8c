"""S3, the break-even view: no figures, three claims that can be tried."""

from __future__ import annotations

from page.measure import (
    beats,
    beats_at,
    cheapest,
    closed_form,
    curves,
    ledger,
    mean_cost,
    median_volume,
    plan,
    run,
)
from page.words import Claim, Rule, Section, about, chance, chances, exact, holds, span
from simulator.explain import quantities

EVERY = "strategies.{}.retrain.every={} month"


def section() -> Section:
    """Write the section."""
    repaid = closed_form("s2-crossover", "demand.requests=20k req/month").months
    saved = {}
    for months in (5, 6, 12):
        book = ledger("s3-retraining", EVERY.format("periodic", months))
        rows = [book.strategies.index(name) for name in ("prompting", "periodic")]
        saved[months] = float(book.present[rows[0], -1] - book.present[rows[1], -1])
    default = run("s3-spread")
    half_yearly = run("s3-spread", EVERY.format("finetuned", 6))
    passed = half_yearly["first_passage_probability"].sel(strategy="finetuned", rival="prompting")
    in_time = float(passed[:6].sum())
    in_the_end = beats(half_yearly, "finetuned", "prompting")
    own = median_volume("s3-spread")
    low, high = own / 10, own * 10
    volumes = curves("s3-spread", "prompting_cached", (low, high))
    at_low, at_own, at_high = (beats_at(volumes, "finetuned", volume) for volume in (low, own, high))
    retrieval = cheapest(default, "retrieval")
    over_plain = beats(default, "retrieval", "prompting")
    over_cached = beats(default, "retrieval", "prompting_cached")
    cached, tuned = cheapest(default, "prompting_cached"), cheapest(default, "finetuned")
    cost_cached, error_cached = mean_cost(default, "prompting_cached")
    cost_tuned, error_tuned = mean_cost(default, "finetuned")
    both = cheapest(default, "retrieval_tuned")
    price = default["price_level"].sel(process="market", quantile=[0.1, 0.9]).isel(month=12).values
    return Section(
        title='S3 · "The Cost of Fine-Tuning vs Prompting" (FinOps, break-even view)',
        plans=("s3-retraining", "s3-retrieval"),
        spread="s3-spread",
        claims=(
            Claim(
                "Fine-tuning must repay its upfront cost before the model needs retraining",
                "no figure",
                f"with S2's figures at 20K calls a month it is repaid after {exact(repaid, 2)} months; retrained every "
                f"5 months it ends {exact(-saved[5])} USD behind after 36, every 6 or 12 months {exact(saved[6])} or "
                f"{exact(saved[12])} USD ahead",
                f"retrained every 6 months: ahead of prompting for once by month 6 in {chance(in_time)}, ahead after "
                f"36 months in {chance(in_the_end)}",
                holds(
                    in_the_end < in_time - 0.05,
                    "Repaid once is not ahead in the end: every run costs again, while prompting gets cheaper.",
                ),
            ),
            Claim(
                "Low volume favours prompting",
                "no figure",
                "see S1, S2 and S4",
                f"at {about(low)}, {about(own)} and {about(high)} requests a month fine-tuning beats cached prompting "
                f"in {chances(at_low, at_own, at_high)}",
                holds(
                    at_low < 0.1 and at_high < 0.75,
                    "True; but high volume by itself does not favour fine-tuning as clearly.",
                ),
            ),
            Claim(
                "Retrieval is often cheapest where the task is knowledge",
                "no figure",
                "cheapest in s3-retrieval.toml, and no longer so with the handbook cached",
                f"cheapest of five in {chance(retrieval)}; it beats the handbook in the prompt in "
                f"{chance(over_plain)}, the cached one in {chance(over_cached)}",
                holds(
                    over_plain > 0.5 > 4 * over_cached,
                    "It beats a long prompt that is paid in full. A cache took that argument away.",
                ),
            ),
            Claim(
                "The mature pattern: retrieval, and fine-tuning for behaviour",
                "no figure",
                "nothing without sizes",
                f"cheapest of five in {chance(both)}",
                holds(both < 0.05, "It pays for both. Its case has to be quality, which no bill shows."),
            ),
            Claim(
                "Prices change often: verify before every run",
                "no figure",
                "nothing without sizes",
                f"a year on, the newest model of a tier costs {span(*price)} times what it costs today",
                "True, and more so than any of the five allows for.",
            ),
        ),
        text=" ".join(
            (
                "S3 prints no figures, so nothing can be wrong and nothing can be checked. The assumptions here are "
                f"ours: a prompt of {_written('strategies.prompting.prompt')} with a handbook in it, "
                f"{_written('demand.requests')}.",
                holds(
                    cached > 0.5 > tuned > retrieval,
                    f"Cached prompting is cheapest in {chance(cached)}, fine-tuning in {chance(tuned)}.",
                ),
                holds(
                    cost_tuned + 4 * error_tuned < cost_cached - 4 * error_cached,
                    f"On average fine-tuning costs less all the same, {about(cost_tuned)} USD against "
                    f"{about(cost_cached)} in 36 months: where the market's price rises several times over, a prompt "
                    "with a handbook in it pays most. By futures prompting wins, by money fine-tuning does.",
                ),
                holds(
                    saved[5] < 0 < saved[6] < saved[12],
                    "The break-even rule is the soundest of all the rules on this page: it compares two spans of time, "
                    "both of which can be measured.",
                ),
            )
        ),
        rules=(
            Rule(
                "S3",
                "Fine-tune only if it repays before retraining",
                f"it repays in time in {chance(in_time)} and wins in the end in {chance(in_the_end)}",
                "The right question, to be asked at every run, not only before the first.",
            ),
            Rule(
                "S3",
                "For knowledge, retrieve",
                f"cheapest in {chance(retrieval)}, cheaper than a cached handbook in {chance(over_cached)}",
                "Check first whether the knowledge fits into a cached prompt.",
            ),
        ),
    )


def _written(name: str) -> str:
    return next(each.written for each in quantities(plan("s3-spread")) if each.name == name)
