"""S4, "Cost-Benefit Analysis": a sign, a factor of two, and a machine that is too small."""

from __future__ import annotations

from page.measure import (
    beats_at,
    cheapest,
    closed_form,
    crosses,
    crossing,
    curves,
    ledger,
    month_cost,
    run,
    running,
    upfront,
    volume_at,
)
from page.words import Claim, Rule, Section, about, chance, exact, holds, span

SMALL, HUGE = 50e3, 1e6


def section() -> Section:
    """Write the section."""
    bill = ledger("s4-token-bill")
    half = ledger("s4-token-bill", "strategies.gpt_4o.output=25k tok/req")
    cards = ledger("s4-self-hosting")
    small_book, large_book = ledger("s4-llama-8b"), ledger("s4-llama-70b")
    roi_book, roi = ledger("s4-roi"), closed_form("s4-roi")
    never = closed_form("s4-roi", f"demand.requests={SMALL:.0f} req/month")
    default = run("s4-spread")
    quiet = run("s4-spread", "demand.requests=100k req/month")
    held = curves("s4-spread", "prompting", (SMALL, 200e3, 400e3, HUGE))
    at_small, at_huge = (beats_at(held, "finetuned", volume) for volume in (SMALL, HUGE))
    even, sure = (volume_at(held, "finetuned", level) for level in (0.5, 0.9))
    machine, per_token = (
        upfront(small_book, name, "training") for name in ("finetuned", "tuned_by_the_token")
    )
    return Section(
        title='S4 · "LLM Fine-tuning vs Prompt Engineering: Cost-Benefit Analysis"',
        plans=("s4-token-bill", "s4-self-hosting", "s4-llama-8b", "s4-llama-70b", "s4-roi", "s4-hybrid"),
        spread="s4-spread",
        claims=(
            Claim(
                "Tokens in, 100K requests a month of 1K",
                "250 USD for GPT-4o, 300 USD for Claude 3.5 Sonnet",
                f"{exact(running(bill, 'gpt_4o', 'input_tokens'))} and "
                f"{exact(running(bill, 'claude', 'input_tokens'))} USD",
                "nothing in it is uncertain",
                "Nowhere: it is what it says.",
            ),
            Claim(
                "Tokens out, by its text 50K a request",
                "25,000 USD for GPT-4o, 37,500 USD for Claude",
                f"{exact(running(bill, 'gpt_4o', 'output_tokens'))} USD for GPT-4o; its "
                f"{exact(running(half, 'gpt_4o', 'output_tokens'))} and Claude's "
                f"{exact(running(bill, 'claude', 'output_tokens'))} are for half as many tokens",
                "nothing in it is uncertain",
                "Prompting looks half as dear as it is.",
            ),
            Claim(
                "Self-hosting Llama 3.1 70B",
                "one machine, about 754 USD a month",
                f"{exact(running(bill, 'llama_70b'))} USD as billed; on eight such cards, which can hold it, "
                f"{exact(running(cards, 'llama_70b'))} USD",
                f"on A100 cards: {span(*month_cost(quiet, 'open_70b', 12))} USD a month at 100K requests, "
                f"{span(*month_cost(default, 'open_70b', 12))} USD at 1M",
                "A bill without capacity: the card does not hold the model, and load needs more of them.",
            ),
            Claim(
                "Fine-tuning Llama 3.1 8B; 70B",
                "about 2,064 USD, then 700 a month; about 8,768 USD, then 2,500 a month",
                f"{exact(upfront(small_book, 'finetuned'))} USD and {exact(running(small_book, 'finetuned'))} a month; "
                f"{exact(upfront(large_book, 'finetuned'))} USD and {exact(running(large_book, 'finetuned'))} a month",
                f"8B on own GPUs at 1M requests: {span(*month_cost(default, 'finetuned', 12))} USD in month 12",
                f"By the token the same run costs {exact(per_token, 2)} USD, not {exact(machine)}: compute is noise "
                "beside the hours either way.",
            ),
            Claim(
                "calculate_roi: prompting, 1M requests a month",
                "12,500 USD a month",
                f"{exact(running(roi_book, 'prompting', 'input_tokens'))} + "
                f"{exact(running(roi_book, 'prompting', 'output_tokens'))} = "
                f"{exact(running(roi_book, 'prompting'))} USD a month",
                f"month 36: {span(*month_cost(default, 'prompting', 36))} USD",
                "The present price is carried on for ever.",
            ),
            Claim(
                "calculate_roi: break-even",
                "0.4 months",
                f"{exact(roi.months, 3)} months",
                f"{span(*crossing(held, 'finetuned', 'months'))} months, reached in "
                f"{chance(crosses(held, 'finetuned'))}",
                holds(
                    crosses(held, "finetuned") > 0.8,
                    "The conclusion stands at 1M requests a month, not the three digits.",
                ),
            ),
            Claim(
                "Rule: fine-tune if break-even comes within 12 months",
                "no bound below",
                f"under {exact(roi.volume)} requests a month break-even is negative, which is below 12",
                f"at {exact(SMALL)} requests a month fine-tuning is cheaper in {chance(at_small)}; even odds at "
                f"{about(even)}, nine in ten at {about(sure)}",
                holds(
                    never.months != never.months and at_small < 0.2 and even > 2 * roi.volume,
                    'It says "fine-tune" just where fine-tuning never pays.',
                ),
            ),
        ),
        text=" ".join(
            (
                holds(
                    at_huge > 0.85,
                    f"At 1M requests a month S4 is right: fine-tuning is cheaper in {chance(at_huge)}, for answers are "
                    "long, and an answer costs by the token at GPT-4o and by the hour on a GPU.",
                ),
                holds(
                    cheapest(default, "hybrid") < 0.01,
                    "Hybrid routing pays for both sides in full and is hardly ever the cheapest; it is bought for "
                    "quality, not for cost.",
                ),
                "The function that is to decide has its sign wrong, and nobody notices who tries it with a large "
                "volume only.",
            )
        ),
        rules=(
            Rule(
                "S4",
                "Fine-tune if break-even < 12 months",
                f"at {exact(SMALL)} requests a month it says fine-tune; cheaper in {chance(at_small)}",
                f"Wrong under {exact(roi.volume)} requests a month: check first that anything is saved.",
            ),
            Rule(
                "S4",
                "From 1M requests a month on, fine-tune",
                f"at 1M cheaper in {chance(at_huge)}; even odds at {about(even)} already",
                holds(even < HUGE / 2, "Right, and far too late."),
            ),
        ),
    )
