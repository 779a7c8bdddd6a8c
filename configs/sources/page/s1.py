"""S1, TokenRate: a break-even without people in it."""

from __future__ import annotations

from page.measure import (
    beats_at,
    closed_form,
    crosses,
    crossing,
    curves,
    ledger,
    month_cost,
    plan,
    run,
    running,
    upfront,
    volume_at,
)
from page.words import Claim, Rule, Section, about, chance, exact, holds, span

SHORT = (
    "strategies.prompting.prompt=2k tok/req",
    "strategies.finetuned.input=0 tok/req",
    "strategies.finetuned.output=1k tok/req",
)
UNPAID = "people.engineer=0 USD/h"
TODAY = ("models.gpt_4.input_price=2 USD/Mtok", "models.gpt_4.output_price=10 USD/Mtok")
LOW, HIGH = 1_000.0, 5_000.0


def section() -> Section:
    """Write the section."""
    long, short = ledger("s1-break-even"), ledger("s1-break-even", *SHORT)
    least, most = closed_form("s1-break-even"), closed_form("s1-break-even", *SHORT)
    needed = [
        upfront(ledger("s1-break-even", *extra), "finetuned")
        for extra in (
            ("strategies.finetuned.costs.unnamed=104 USD",),
            ("strategies.finetuned.costs.unnamed=732 USD",),
        )
    ]
    unpaid = run("s1-spread", UNPAID)
    paid = run("s1-spread")
    first_month = paid["cost_breakdown"].sel(strategy="finetuned").isel(month=0)
    labor, compute = (float(first_month.sel(component=name)) for name in ("labor", "training"))
    free = curves("s1-spread", "prompting", (), UNPAID)
    staffed = curves("s1-spread", "prompting", (100.0, LOW, HIGH, 30_000.0))
    today = curves("s1-spread", "prompting", (LOW, HIGH, 30e3, 100e3, 300e3, 1e6), *TODAY)
    even, even_today = (volume_at(each, "finetuned", 0.5) for each in (staffed, today))
    fell = _input_price() / _input_price(*TODAY)
    at_low, at_high = (beats_at(staffed, "finetuned", volume) for volume in (LOW, HIGH))
    today_high = beats_at(today, "finetuned", HIGH)
    return Section(
        title='S1 · TokenRate, "Fine-Tuning vs Prompt Engineering: A Cost Analysis"',
        plans=("s1-break-even",),
        spread="s1-spread",
        claims=(
            Claim(
                "Few-shot GPT-4, 10,000 requests a month",
                "600 to 1,500 USD a month",
                f"{exact(running(short, 'prompting'))} to {exact(running(long, 'prompting'))} USD",
                f"month 12: {span(*month_cost(unpaid, 'prompting', 12))} USD; month 36: "
                f"{span(*month_cost(unpaid, 'prompting', 36))} USD",
                "The first bill is right. It is no forecast: the price moves.",
            ),
            Claim(
                "Fine-tuned GPT-3.5, the same requests",
                "20 to 40 USD a month",
                f"{exact(running(long, 'finetuned'))} to {exact(running(short, 'finetuned'))} USD",
                f"month 12: {span(*month_cost(unpaid, 'finetuned', 12))} USD of tokens, "
                f"{span(*month_cost(paid, 'finetuned', 12))} USD with the hours",
                "Tokens are the small part of a fine-tune's bill.",
            ),
            Claim(
                "Training",
                "8 USD",
                f"{exact(upfront(long, 'finetuned', 'training'))} USD",
                f"month 1 costs {about(compute)} USD of compute and {about(labor)} USD of work on average",
                holds(labor > 100 * compute, "The 8 USD are noise beside the work that goes with them."),
            ),
            Claim(
                "Break-even",
                "2,000 to 5,000 requests",
                f"{exact(least.calls)} to {exact(most.calls)} requests; the printed ones need "
                f"{exact(needed[0])} to {exact(needed[1])} USD upfront",
                f"work unpaid: {span(*crossing(free, 'finetuned'))} requests; work paid: "
                f"{span(*crossing(staffed, 'finetuned'))}, reached in {chance(crosses(staffed, 'finetuned'))}",
                "Neither the printed number nor the one that follows pays anybody.",
            ),
        ),
        text=" ".join(
            (
                holds(
                    30 * crossing(free, "finetuned", "months")[1] < 1.0
                    and crossing(staffed, "finetuned")[1] > 2 * HIGH,
                    "On S1's own terms fine-tuning repays itself within the first day; with hours paid it takes up to "
                    f"{about(crossing(staffed, 'finetuned')[1])} requests. The printed range is too high for what it "
                    "counts, and far too narrow for what it leaves out.",
                ),
                f"Even odds lie at about {about(even)} requests a month at GPT-4's price of early 2024.",
                holds(
                    even_today > 5 * even,
                    f"At 2 and 10 USD/Mtok, the flagship's price of late 2026, they lie at about {about(even_today)}: "
                    "a threshold of volume ages with the price that it was computed from.",
                ),
            )
        ),
        rules=(
            Rule(
                "S1",
                "Under 1,000 requests a month, prompt",
                f"at 1,000 fine-tuning is cheaper in {chance(at_low)}",
                holds(0.25 < at_low < 0.5, "Right more often than not, and no more than that."),
            ),
            Rule(
                "S1",
                "From 5,000 requests a month on, fine-tune",
                f"at 5,000 it is cheaper in {chance(at_high)}; at the price of late 2026 in {chance(today_high)}",
                holds(
                    at_high > 0.6 and today_high < 0.2,
                    f"Good advice for GPT-4 in 2024. The input price fell by a factor of {exact(fell)}, and the rule "
                    "turned over.",
                ),
            ),
        ),
    )


def _input_price(*overrides: str) -> float:
    return plan("s1-spread", *overrides).models["gpt_4"].input_price.form.value
