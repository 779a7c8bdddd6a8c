"""Assumptions rebuilt from the text that a result keeps of its plan."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.export import write_xlsx
from simulator.export.assumptions import assumptions
from simulator.plan import PlanErrors
from tests.simulator.export.conftest import make

PLAN = """
name = "Two ways"
start = 2027-01-01
horizon = "6 month"
baseline = "prompting"

[finance]
currency = "USD"

[demand]
requests = { data = "../usage.csv", column = "requests", unit = "req/month", source = "our logs", owner = "Ada" }
growth = "1% to 3% / month"

[request]
input = "400 tok/req"
output = { mixture = [
  { weight = 3, value = "100 tok/req" },
  { weight = 1, value = { data = "long.parquet", column = "tokens", unit = "tok/req", of = "value" } },
] }

[people]
engineer = "90 USD/h"

[models.big]
input_price = "2.5 USD/Mtok"
output_price = "10 USD/Mtok"

[strategies.prompting]
model = "big"
prompt = { value = "1500 to 3000 tok/req", source = "=1+1", owner = "Ada" }
failures = { data = "errors.csv", column = "share", unit = "%", of = "value" }

[strategies.cached]
model = "big"
prompt = { same_as = "strategies.prompting.prompt", times = "0.4 to 0.6" }
failures = { same_as = "strategies.prompting.failures", times = "0.6 to 0.9" }

[strategies.cached.costs]
build = { value = "20 to 80 h", role = "engineer" }
"""
SETS = 'demand.growth="2% / month"\nstrategies.cached.costs.build.value="""30 to\n60 h"""'


@pytest.fixture(scope="module")
def told():
    dataset = make(horizon=6).assign_attrs(plan=PLAN, overrides=SETS)
    found = {f"{one.table}.{one.name}": one for one in assumptions(dataset)}
    return found, dataset


def test_quantities_are_described_with_unit_source_and_owner(told):
    found, _ = told
    prompt = found["strategies.prompting.prompt"]
    assert (prompt.words, prompt.unit) == ("1,500 to 3,000 tok/req in 9 of 10 lifetimes", "tok/req")
    assert (prompt.p5, prompt.p95) == (1500, 3000)
    assert (prompt.source, prompt.owner) == ("=1+1", "Ada")
    price = found["models.big.input_price"]
    assert (price.words, price.mean, price.source) == ("2.5 USD/Mtok, always", 2.5, "")


def test_overrides_count_those_of_several_lines_too(told):
    found, _ = told
    assert found["demand.growth"].words == "2 %/month, always"
    assert found["strategies.cached.costs.build"].words == "30 to 60 h in 9 of 10 lifetimes"


def test_data_that_is_not_at_hand_is_named_by_file_and_column_with_sampled_numbers(told):
    found, dataset = told
    requests = found["demand.requests"]
    assert requests.words == "the mean of the column requests of ../usage.csv"
    assert (requests.source, requests.owner, requests.unit) == ("our logs", "Ada", "req/month")
    sample = dataset["sample_input"].sel(input="demand.requests").values
    assert requests.p95 == np.quantile(sample, 0.95)
    assert requests.mean == pytest.approx(sample.mean(), rel=1e-12)
    failures = found["strategies.prompting.failures"]
    assert failures.words == "like the values of the column share of errors.csv"
    assert math.isnan(failures.p50)
    assert found["request.output"].words == "a mixture that rests on the column tokens of long.parquet"


def test_what_is_the_same_draw_as_data_has_no_invented_numbers(told):
    found, _ = told
    cached = found["strategies.cached.failures"]
    assert cached.words.startswith("same draw as strategies.prompting.failures, times 0.6 to 0.9")
    assert all(math.isnan(number) for number in (cached.p5, cached.p50, cached.p95, cached.mean))
    assert found["strategies.cached.prompt"].p50 == pytest.approx(2121.32 * 0.489898, rel=1e-2)


def test_a_plan_that_is_none_is_an_error_here_and_its_text_in_the_workbook(dataset, tmp_path):
    with pytest.raises(PlanErrors):
        assumptions(dataset)
    openpyxl = pytest.importorskip("openpyxl")
    write_xlsx(dataset, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Assumptions"]
    assert "does not read the plan" in sheet["A1"].value
    assert [sheet["A3"].value, sheet["A4"].value] == ['name = "synthetic"', "# a plan with an accent: é"]


def test_a_source_that_looks_like_a_formula_is_text_in_the_workbook(told, tmp_path):
    _, dataset = told
    openpyxl = pytest.importorskip("openpyxl")
    write_xlsx(dataset, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Assumptions"]
    heads = [cell.value for cell in sheet[2]]
    assert heads == [
        "Table", "Quantity", "In words", "Unit", "P5", "P50", "P95", "Mean", "Distribution", "Drawn", "Source", "Owner",
    ]  # fmt: skip
    (cell,) = [cell for cell in sheet["K"] if cell.value == "=1+1"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
