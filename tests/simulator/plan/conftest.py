"""Write small plans for the tests of the reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.plan import Plan, PlanError, ReadingError, parse_plan

SMALL = """\
name = "Small"
start = 2027-01-01
horizon = "24 month"
baseline = "prompting"

[finance]
currency = "USD"

[demand]
requests = "60k to 300k req/month"
growth = "5% to 40% / year"

[request]
input = "400 tok/req"
output = "200 tok/req"

[people]
engineer = "70 to 130 USD/h"

[prices.market]
drift = "-30% / year"
change = "0.5 to 2"

[models.base]
input_price = "2 USD/Mtok"
output_price = "8 USD/Mtok"

[models.tuned]
input_price = "1 USD/Mtok"
output_price = "4 USD/Mtok"
training_price = "5 USD/Mtok"
retired_after = "18 to 30 month"

[events.launch]
rate = "1 / year"

[strategies.prompting]
model = "base"
prompt = "1500 to 2500 tok/req"
failures = "3% to 8%"

[strategies.prompting.costs]
upkeep = { value = "4 to 12 h/month", role = "engineer" }

[strategies.finetuned]
model = "tuned"
prompt = "200 tok/req"
failures = "2% to 5%"

[strategies.finetuned.training]
examples = 5000
tokens_per_example = "1000 tok/example"
epochs = 3

[strategies.finetuned.retrain]
on = ["models.tuned.retired"]

[strategies.finetuned.costs]
curation = { value = "80 h", role = "engineer" }
evaluation = "500 USD/run"
"""


@pytest.fixture(scope="session")
def small() -> str:
    """The text of a small plan without errors."""
    return SMALL


@pytest.fixture(scope="session")
def read() -> Callable[..., Plan]:
    """Read the small plan after replacing text in it and adding to its end."""

    def function(*changes: tuple[str, str], add: str = "", sets: tuple[str, ...] = ()) -> Plan:
        text = SMALL
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the small plan"
            text = text.replace(old, new)
        return parse_plan((text + add).encode(), "plan.toml", sets)

    return function


@pytest.fixture(scope="session")
def errors_of(read: Callable[..., Plan]) -> Callable[..., tuple[PlanError, ...]]:
    """List what is wrong with the small plan after changes."""

    def function(
        *changes: tuple[str, str], add: str = "", sets: tuple[str, ...] = ()
    ) -> tuple[PlanError, ...]:
        with pytest.raises(ReadingError) as caught:
            read(*changes, add=add, sets=sets)
        return caught.value.errors

    return function


@pytest.fixture(scope="session")
def every_key() -> Path:
    """The plan that uses every key of the format."""
    return Path(__file__).with_name("every_key.toml")
