"""S2, "The Real Cost": a crossover and all that is left out of it."""

from __future__ import annotations

from page.measure import (
    beats,
    beats_at,
    closed_form,
    crosses,
    crossing,
    curves,
    ledger,
    run,
    running,
    saves_at,
    upfront,
)
from page.words import Claim, Rule, Section, about, chance, chances, exact, holds, span, supported

OWN_WAGE = "people.engineer=6 USD/h"
NO_WRITING = "strategies.prompting.costs.writing.value=0 h"
POOR = "strategies.prompting.failures=20%"
SMALL, LARGE, HUGE = 10e3, 100e3, 1e6


def section() -> Section:
    """Write the section."""
    book = ledger("s2-crossover")
    slow, fast = closed_form("s2-crossover"), closed_form("s2-crossover", "demand.requests=20k req/month")
    cheap, dear, shorter, hosted = (
        closed_form("s2-crossover", override).calls
        for override in (
            "strategies.finetuned.costs.upfront=200 USD",
            "strategies.finetuned.costs.upfront=2000 USD",
            "models.prompted.input_price=1.176470588235294 USD/Mtok",
            "models.tuned.input_price=1 USD/Mtok",
        )
    )
    paid, net = closed_form("s2-labour", NO_WRITING).calls, closed_form("s2-labour").calls
    dearer, twice = (
        closed_form("s2-output-counted", *extra).calls for extra in ((), ("models.tuned.premium=100%",))
    )
    cached = closed_form("s2-cached").calls
    corrected = [calls / slow.calls for calls in (paid, net, dearer, twice, cached)]
    own_wage = curves("s2-spread", "prompting", (), OWN_WAGE)
    plain = curves("s2-spread", "prompting", ())
    rival = curves("s2-spread", "prompting_cached", (SMALL, LARGE, HUGE))
    small, large, huge = (beats_at(rival, "finetuned", volume) for volume in (SMALL, LARGE, HUGE))
    saved_large, _ = saves_at(rival, "finetuned", LARGE)
    saved_huge, error = saves_at(rival, "finetuned", HUGE)
    per_call = {name: running(book, name) / book.requests[0] for name in ("prompting", "finetuned")}
    failures = {
        cost: beats(
            run("s2-spread", POOR, f"quality.cost_per_failure={cost} USD/failure"),
            "finetuned",
            "prompting_cached",
        )
        for cost in ("0", "0.1", "1")
    }
    premium = run("s2-spread", "models.tuned.premium=0%", "demand.requests=1M req/month")
    same_price = beats(premium, "finetuned", "prompting_cached")
    return Section(
        title='S2 · "The Real Cost: Fine-tuning vs Prompting"',
        plans=(
            "s2-crossover",
            "s2-labour",
            "s2-output-counted",
            "s2-cached",
            "s2-hidden-costs",
            "s2-migrate",
        ),
        spread="s2-spread",
        claims=(
            Claim(
                "Crossover, 500 USD upfront",
                "about 119,000 calls",
                f"{exact(slow.calls)} calls: {exact(per_call['prompting'], 4)} against "
                f"{exact(per_call['finetuned'], 4)} USD a call",
                f"at S2's wage of 6 USD/h: {span(*crossing(own_wage, 'finetuned'))} calls, reached in "
                f"{chance(crosses(own_wage, 'finetuned'))}; at 80 to 125 USD/h: "
                f"{span(*crossing(plain, 'finetuned'))}, reached in {chance(crosses(plain, 'finetuned'))}",
                holds(
                    crosses(own_wage, "finetuned") < 0.4,
                    "Most futures have no crossover within three years at this volume.",
                ),
            ),
            Claim(
                "Time to the crossover",
                "6 months at 20K calls a month, 12 at 10K",
                f"{exact(fast.months, 2)} and {exact(slow.months, 1)} months",
                f"at 10K to 20K: {span(*crossing(plain, 'finetuned', 'months'))} months where it is reached",
                "A time is quoted for something that mostly does not happen.",
            ),
            Claim(
                "Upfront of 200 or 2,000 USD",
                "about 48K and 476K calls",
                f"{exact(cheap)} and {exact(dear)} calls",
                "in the crossover above",
                "One input at a time hides that all of them are uncertain at once.",
            ),
            Claim(
                "A cheaper prompt (0.002 USD), a self-hosted model (0.0003 USD)",
                "higher; lower",
                f"{exact(shorter)} and {exact(hosted)} calls",
                "in the crossover above",
                "A self-hosted model has no price a call: its GPU costs the same idle (see S4).",
            ),
            Claim(
                "The 500 USD hold 50 hours and 200 USD of compute",
                "500 USD",
                f"{exact(upfront(ledger('s2-labour', OWN_WAGE), 'finetuned'))} USD at 6 USD/h; at 100 USD/h "
                f"{exact(upfront(ledger('s2-labour'), 'finetuned'))} USD and {exact(paid)} calls, net of prompting's "
                f"40 hours {exact(net)}",
                f"paid at 80 to 125 USD/h, with retraining: cheaper than plain prompting in "
                f"{chance(beats_at(plain, 'finetuned', 14_142.0))}",
                "At 6 USD an hour the work is a gift.",
            ),
            Claim(
                "Answers",
                "left out",
                f"with 200 tokens out and fine-tuned tokens at 1.5 times the price {exact(dearer)} calls, at twice "
                f"{exact(twice)}",
                f"at 1M requests a month and no surcharge: cheaper than cached prompting in {chance(same_price)}; "
                f"with today's surcharges in {chance(huge)}",
                "Answers cancel out only where a fine-tuned token costs what any token costs.",
            ),
            Claim(
                "Caching",
                "left out",
                f"1,500 of 1,700 tokens cached at a tenth: {exact(cached)} calls",
                "at 10K, 100K and 1M requests a month fine-tuning is cheaper than cached prompting in "
                f"{chances(small, large, huge)}",
                "The long prompt, the whole case against prompting, is what a cache makes cheap.",
            ),
        ),
        text=" ".join(
            (
                "The arithmetic of S2 is right, and its list of hidden costs is the best of the five; its numbers "
                "leave out nearly all of that list.",
                holds(
                    min(corrected) > 1.5,
                    f"Each correction by itself moves the crossover up, by a factor of {about(min(corrected))} to "
                    f"{about(max(corrected))}.",
                ),
                holds(
                    saved_large < 0 < saved_huge and huge < 0.5,
                    "At 1M requests a month fine-tuning loses to cached prompting in most futures and yet is cheaper "
                    "on average: prompting follows a market that mostly falls and now and then rises several "
                    "times over, a fine-tune keeps its price. What it buys there is insurance, not a saving.",
                ),
            )
        ),
        rules=(
            Rule(
                "S2",
                "Under 10K calls a month, prompt",
                f"at 10K fine-tuning is cheaper than cached prompting in {chance(small)}",
                holds(small < 0.1, "Right, and right far beyond 10K."),
            ),
            Rule(
                "S2",
                "100K to 1M calls a month, likely fine-tune",
                f"at 100K cheaper in {chance(large)}, at 1M in {chance(huge)}",
                holds(
                    large < 0.35 and huge < 0.5, '"Likely" is the wrong way round once prompts are cached.'
                ),
            ),
            Rule(
                "S2",
                "Over 1M calls a month, fine-tune",
                f"at 1M cheaper in {chance(huge)}; on average it saves {supported(saved_huge, error)} USD in 36 months",
                holds(
                    saved_huge > 5 * error and huge < 0.45,
                    "Dearer in most futures, cheaper on average: insurance against a rise of prices.",
                ),
            ),
            Rule(
                "S2",
                "Prompting right in under 85 %: fine-tune regardless",
                "20 % failures, 10K to 20K calls a month, a failure at 0, 0.10 and 1 USD: cheaper in "
                f"{chances(*failures.values())}",
                holds(
                    failures["0"] < 0.15 and failures["1"] > 0.6,
                    "It regards the one number that decides, what a failure costs, as given.",
                ),
            ),
        ),
    )
