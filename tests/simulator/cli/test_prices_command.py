"""`simulate prices`: what is known of prices, as a table or for programs."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from types import SimpleNamespace

import pytest

from simulator.catalogue.lookup import package_version
from simulator.catalogue.presets import presets

CATALOGUED = (
    'input_price = "2.5 USD/Mtok"\noutput_price = "10 USD/Mtok"\ntraining_price = "25 USD/Mtok"',
    'catalog = "openai:ft:gpt-4.1"',
)


@pytest.fixture
def catalogued(plan, tmp_path):
    """Let the small plan take its prices from the catalogue."""
    file = tmp_path / plan
    text = file.read_text()
    assert text.count(CATALOGUED[0]) == 1
    file.write_text(text.replace(*CATALOGUED))
    return plan


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("pattern", ["gpt-4.1", "h100", "lora", "meta-llama", ""])
def test_the_table_fits_the_terminal(simulate, columns, pattern):
    result = simulate("prices", *([pattern] if pattern else []), env={"COLUMNS": str(columns)})
    assert result.exit_code == 0
    longest = max(result.stdout.splitlines(), key=len)
    # A name is never cut, whatever its length.
    assert len(longest) <= columns or " " not in longest.strip()


def test_a_row_shows_prices_training_retirement_and_where_they_were_read(simulate):
    lines = simulate("prices", "openai:ft:gpt-4.1-mini", env={"COLUMNS": "80"}).stdout.splitlines()
    assert lines[0].split() == ["USD/Mtok", "input", "cached", "output", "training", "retired"]
    assert lines[1].split() == ["openai:ft:gpt-4.1-mini", "0.8", "0.2", "3.2", "5", "2027-01-14"]
    text = " ".join(" ".join(lines).split())
    assert "training jobs until 2027-01-06" in text
    assert "price: since 2026-01-01, OpenAI pricing page 2026-10" in text
    assert "training: 2026-10, OpenAI pricing page" in text


def test_a_wide_table_has_the_first_day_of_a_price_as_a_column(simulate):
    lines = simulate("prices", "openai:ft:gpt-4.1-mini", env={"COLUMNS": "120"}).stdout.splitlines()
    assert lines[0].split()[-1] == "since"
    assert lines[1].split()[-1] == "2026-01-01"


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("together:lora-16b", "at least 4 USD a training job"),
        ("azure:ft:gpt-4.1", "hosting 1.70 USD/h"),
        ("openai:ft:o4-mini", "training 100 USD/h"),
        ("google:gemini-3.6-flash", "from 2027-01-01: input 1.5, output 7.5"),
        ("runpod:community:h100", "2.69"),
    ],
)
def test_what_has_no_column_stands_below(simulate, pattern, said):
    assert said in " ".join(simulate("prices", pattern).stdout.split())


def test_without_a_pattern_everything_is_listed_and_the_presets_at_the_end(simulate):
    lines = simulate("prices").stdout.splitlines()
    assert len(lines) > 150
    tail = "\n".join(lines[-12:])
    for name in presets():
        assert name in tail
    assert "overlay up to 2026-11-15" in " ".join(" ".join(lines[-12:]).split())


@pytest.mark.parametrize("columns", [80, 200])
def test_without_a_pattern_a_terminal_shows_how_many_each_provider_has(simulate, monkeypatch, columns):
    entries = json.loads(simulate("prices", "--json").stdout)["entries"]
    terminal = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True))
    # the name in the package is the command's
    monkeypatch.setattr(sys.modules["simulator.cli.prices"], "sys", terminal)
    text = simulate("prices", env={"COLUMNS": str(columns)}).stdout
    assert max(map(len, text.splitlines())) <= columns
    table = text.partition("\n\n")[0].partition("\n")[2].split()
    found = dict(zip(table[1::2], (int(count.replace(",", "")) for count in table[::2]), strict=True))
    assert found == Counter(entry["id"].partition(":")[0] for entry in entries)
    said = " ".join(text.split())
    assert "`simulate prices gpt-4.1` shows those with gpt-4.1 in their id" in said
    assert f"{len(entries):,} entries, in USD" in said
    assert "Price processes" in said
    for arguments in (["gpt-4.1"], ["--presets"]):
        assert "Entries by provider" not in simulate("prices", *arguments).stdout


def test_presets_are_listed_in_full_on_request(simulate):
    for arguments in (["--presets"], ["pinned"]):
        text = " ".join(simulate("prices", *arguments).stdout.split())
        assert "source: 62 first-party price changes" in text
        assert '"p2.5" = 0.028' in text
    assert "tier_2025" not in simulate("prices", "pinned").stdout


def test_an_object_has_every_key_of_every_entry(simulate):
    found = json.loads(simulate("prices", "openai:ft:*", "--json").stdout)
    assert found["currency"] == "USD"
    assert found["overlay"] == {"as_of": "2026-11-15"}
    assert (found["package"] or {}).get("version") == package_version()
    rows = {row["id"]: row for row in found["entries"]}
    assert len({frozenset(row) for row in found["entries"]}) == 1
    mini = rows["openai:ft:gpt-4.1-mini"]
    assert (mini["input_usd_per_mtok"], mini["cached_usd_per_mtok"], mini["output_usd_per_mtok"]) == (
        0.8,
        0.2,
        3.2,
    )
    assert mini["training"]["usd_per_mtok"] == 5.0
    assert mini["training"]["ends"] == "2027-01-06"
    assert (mini["retired_on"], mini["since"], mini["origin"]) == ("2027-01-14", "2026-01-01", "overlay")
    assert mini["source"].startswith("OpenAI pricing page")


def test_an_object_of_everything_lists_the_presets_too(simulate):
    found = json.loads(simulate("prices", "--json").stdout)
    assert [one["name"] for one in found["presets"]] == list(presets())
    assert len(found["entries"]) > 140
    assert found["presets"][2]["keys"] == {"drift": "-90% to -80% / year"}


def test_a_pattern_that_fits_nothing_names_what_is_near(simulate):
    result = simulate("prices", "gpt-4.1-mimi")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "nothing in the catalogue fits 'gpt-4.1-mimi'" in result.stderr
    assert "did you mean openai:gpt-4.1-mini" in result.stderr
    error = json.loads(simulate("prices", "qqqqqqqq", "--json").stdout)["errors"][0]
    assert error["hint"] == "`simulate prices | less` lists everything"


def test_it_is_quick_and_imports_nothing_heavy(process):
    code = (
        "import sys, atexit; from simulator.cli import main; "
        "atexit.register(lambda: print([n for n in ('numpy', 'numba', 'xarray', 'rich') if n in sys.modules], "
        "file=sys.stderr)); main(['prices', 'gpt-4.1'])"
    )
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        result = process(code=code)
        seconds.append(time.perf_counter() - begun)
        assert result.stderr.strip() == "[]"
    # Half a second on an idle machine, most of it the import of genai-prices.
    assert min(seconds) < 3.0


@pytest.mark.parametrize("command", ["validate", "explain"])
def test_warnings_go_to_stderr_and_leave_the_answer_alone(simulate, catalogued, command):
    result = simulate(command, catalogued)
    assert result.exit_code == 0
    assert result.stderr.startswith(
        "Catalogue prices as of 2026-11-15 (overlay 2026-11-15): the plan starts later"
    )
    assert (
        "\nwarning: models.big: openai:ft:gpt-4.1 is retired on 2027-01-14, in month 1 of 6" in result.stderr
    )
    assert "warning" not in result.stdout


@pytest.mark.parametrize("command", ["validate", "explain"])
def test_an_object_has_a_list_of_warnings(simulate, plan, catalogued, command):
    found = json.loads(simulate(command, catalogued, "--json").stdout)
    assert [warning.partition(":")[0] for warning in found["warnings"]] == ["models.big", "models.big"]
    assert found["prices_as_of"].startswith("Catalogue prices as of 2026-11-15")


@pytest.mark.parametrize("command", ["validate", "explain"])
def test_a_plan_without_catalogue_warns_of_nothing(simulate, plan, command):
    result = simulate(command, plan)
    assert result.stderr == ""
    found = json.loads(simulate(command, plan, "--json").stdout)
    assert found["warnings"] == []
    assert "prices_as_of" not in found
