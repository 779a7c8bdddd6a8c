"""Check a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli import parameters, report

if TYPE_CHECKING:
    from simulator.plan import Plan


@click.command("validate", short_help="Say what is wrong with a plan, or that nothing is.")
@parameters.plan_argument
@parameters.set_option
@parameters.json_option
def command(plan: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Say what is wrong with PLAN, all of it at once, or that nothing is.

    \b
    Examples:
      simulate validate plan.toml
      simulate validate plan.toml --set demand.growth="1% to 3% / month" --json
    """
    from simulator.plan import load_plan

    read = load_plan(plan, overrides)
    if as_json:
        report.print_object({"valid": True, "file": plan, **_facts(read), **report.notes_of(read)})
    else:
        report.show_notes(read)
        click.echo(f"{plan} is valid: {_sentence(read)}")


def _facts(plan: Plan) -> dict[str, object]:
    from simulator.explain import quantities

    compared = [strategy for strategy in plan.strategies.values() if not strategy.part]
    return {
        "name": plan.name,
        "strategies": len(compared),
        "parts": len(plan.strategies) - len(compared),
        "start": plan.start.isoformat(),
        "horizon_months": plan.horizon,
        "uncertain_quantities": sum(not quantity.is_constant for quantity in quantities(plan)),
        "sha256": plan.digest,
    }


def _sentence(plan: Plan) -> str:
    from simulator.calendar import MONTH_NAMES

    facts = _facts(plan)
    strategies = _many(facts["strategies"], "strategy", "strategies")
    if facts["parts"]:
        strategies += f" ({_many(facts['parts'], 'part', 'parts')} besides)"
    months = _many(plan.horizon, "month", "months")
    start = f"{MONTH_NAMES[plan.start.month - 1]} {plan.start.year}"
    uncertain = _many(facts["uncertain_quantities"], "uncertain quantity", "uncertain quantities")
    return f"{strategies}, {months} from {start}, {uncertain}"


def _many(number: object, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
