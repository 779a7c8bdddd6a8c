"""S5, "Cost Implications": a quarter that was taken for a month."""

from __future__ import annotations

from page.measure import beats, beats_at, curves, ledger, run, running, upfront, volume_at
from page.words import Claim, Rule, Section, about, chance, exact, holds, span

UPFRONT = {
    "finetuned": ("data", "compute", "experts", "tools"),
    "prompting": ("experts", "testing", "tools"),
}
RUNNING = {
    "finetuned": ("hosting", "retraining", "monitoring", "support"),
    "prompting": ("api", "refinement", "versioning", "oversight"),
}
CADENCE = {"retraining": "quarter"}
AS_PRINTED = tuple(
    f"strategies.finetuned_{end}.costs.retraining={amount} USD/month"
    for end, amount in (("low", "2k"), ("high", "10k"))
)
VOLUMES = (30e3, 100e3, 300e3, 1e6, 3e6)


def section() -> Section:
    """Write the section."""
    book, printed = ledger("s5-ownership"), ledger("s5-ownership", *AS_PRINTED)
    low, high = (running(book, f"finetuned_{end}") for end in ("low", "high"))
    cheap, dear = (running(book, f"prompting_{end}") for end in ("low", "high"))
    opening = run("s5-spread", "horizon=1 month", *_without(RUNNING))
    year = run("s5-spread", "horizon=12 month", *_without(UPFRONT))
    default = run("s5-spread")
    metered = curves("s5-spread", "prompting_metered", VOLUMES)
    wins = beats(default, "finetuned", "prompting")
    once = beats(default, "finetuned_once", "prompting")
    onshore = beats(default, "tuned_onshore", "finetuned")
    three = beats(default, "finetuned", "finetuned_three")
    even = volume_at(metered, "finetuned_once", 0.5)
    at_own = beats_at(metered, "finetuned_once", 10e3)
    medians = [float(_monthly(year, name, 0.5)) for name in ("finetuned", "prompting")]
    ratio = medians[0] / medians[1]
    return Section(
        title='S5 · "Fine-tuning vs. Prompt Engineering: Cost Implications"',
        plans=("s5-ownership", "s5-onshore"),
        spread="s5-spread",
        claims=(
            Claim(
                "Fine-tuning, upfront",
                "75,000 to 330,000 USD",
                f"{exact(upfront(book, 'finetuned_low'))} to {exact(upfront(book, 'finetuned_high'))} USD",
                f"{_upfront(opening, 'finetuned')} USD",
                "Ends of ranges do not add up to the ends of a total: not all items are dear at once.",
            ),
            Claim(
                "Prompting, upfront",
                "27,000 to 110,000 USD",
                f"{exact(upfront(book, 'prompting_low'))} to {exact(upfront(book, 'prompting_high'))} USD",
                f"{_upfront(opening, 'prompting')} USD",
                "The same.",
            ),
            Claim(
                "Fine-tuning, a month",
                "6,500 to 32,000 USD",
                f"{exact(low)} to {exact(high)} USD; {exact(running(printed, 'finetuned_low'))} to "
                f"{exact(running(printed, 'finetuned_high'))} only if retraining is paid every month",
                f"{span(*(_monthly(year, 'finetuned', level) for level in (0.1, 0.9)))} USD",
                "A cost a quarter was added as a cost a month.",
            ),
            Claim(
                "Prompting, a month",
                "1,700 to 8,500 USD",
                f"{exact(cheap)} to {exact(dear)} USD",
                f"{span(*(_monthly(year, 'prompting', level) for level in (0.1, 0.9)))} USD",
                "Nowhere; the range is narrower than its ends.",
            ),
            Claim(
                "Running cost of fine-tuning against prompting",
                "3 to 5 times",
                f"{exact(low / cheap, 2)} times (low ends), {exact(high / dear, 2)} times (high ends)",
                f"medians: {about(ratio)} times",
                holds(
                    2.5 < ratio < 3.5,
                    f"Three. Even with the slip it is {exact(running(printed, 'finetuned_low') / cheap, 1)}, not five.",
                ),
            ),
            Claim(
                "Who is cheaper",
                "no figure",
                "never on cost: dearer upfront, dearer every month, and no item depends on volume",
                f"after 36 months fine-tuning is cheaper in {chance(wins)}, with salaries counted once in "
                f"{chance(once)}; with API use paid by the request, in {chance(at_own)} at 10,000 requests a month, "
                f"even odds at about {about(even)}",
                "The table cannot say when fine-tuning pays, for nothing in it grows with use.",
            ),
        ),
        text=" ".join(
            (
                "S5 is the only one of the five to take people for the largest item, and it counts them twice: "
                "experts for a year upfront, and support by the month.",
                holds(
                    once < 0.05,
                    "Counting them once does not turn the table over.",
                ),
                "A fine-tune onshore, on a GPU of one's own, compliance paid and salaries counted once, is cheaper "
                f"than S5's own in {chance(onshore)}; three use cases, each with data, runs and hosting of its own, "
                f"cost more than S5's one in {chance(three)}, while one prompted model serves all three.",
            )
        ),
        rules=(
            Rule(
                "S5",
                "Take what has the lower total cost of ownership",
                f"its own table: fine-tuning is cheaper in {chance(wins)}",
                "Sound, if every cost is in its own cadence, people are counted once, and use is metered.",
            ),
        ),
    )


def _without(items: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    unit = "USD" if items is UPFRONT else "USD/{}"
    return tuple(
        f"strategies.{strategy}.costs.{item}=0 {unit.format(CADENCE.get(item, 'month'))}"
        for strategy, names in items.items()
        for item in names
    )


def _upfront(data, strategy: str) -> str:
    held = data["cumulative_cost"].sel(strategy=strategy, quantile=[0.1, 0.9]).isel(month=-1).values
    return span(*held)


def _monthly(data, strategy: str, level: float) -> float:
    return float(data["cumulative_cost"].sel(strategy=strategy, quantile=level).isel(month=-1)) / 12
