"""SOURCES.md: current, linked to the plans it names, and unable to say what a run contradicts."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.configs.sources import ROOT, SOURCES

PAGE = ROOT / "SOURCES.md"


@pytest.fixture(scope="module")
def command() -> Iterator[ModuleType]:
    """Import the script that writes the page, and take back what it does to the path."""
    path = list(sys.path)
    spec = importlib.util.spec_from_file_location("write_page", SOURCES / "write_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = path


@pytest.fixture
def words(command: ModuleType) -> ModuleType:
    return sys.modules["page.words"]


def test_the_page_is_current(command: ModuleType) -> None:
    assert PAGE.read_text(encoding="utf-8") == command.write(), "run python configs/sources/write_page.py"


@pytest.mark.parametrize(
    "figure",
    [
        *("54 to 143 requests", "112 to 740 USD", "600 to 1,500 USD", "20 to 40 USD"),
        *("119,048", "47,619", "476,190", "454,545", "104,167", "1,238,095", "285,714", "222,222"),
        *("1,666,667", "3,333,333", "5.95 and 11.9 months", "50,000 USD", "37,500", "754 USD"),
        *("2,064 USD", "8,768 USD", "11,250 USD", "0.474 months", "62,222 requests"),
        *("5,167 to 25,333 USD", "75,000 to 330,000 USD", "27,000 to 110,000 USD", "1,700 to 8,500 USD"),
    ],
)
def test_the_page_shows_what_follows(figure: str) -> None:
    assert figure in PAGE.read_text(encoding="utf-8")


def test_the_page_links_to_every_plan_of_the_sources() -> None:
    linked = set(re.findall(r"\]\(configs/sources/([\w-]+)\.toml\)", PAGE.read_text(encoding="utf-8")))
    assert linked == {path.stem for path in SOURCES.glob("*.toml")}


def test_the_page_has_a_section_for_each_source_and_a_rule_of_each_in_the_closing_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    body, closing = text.split("## Where the rules of thumb mislead")
    for source in ("S1", "S2", "S3", "S4", "S5"):
        assert f"\n## {source} · " in body
        assert f"\n| {source} | " in closing
    for line in text.splitlines():
        assert line.startswith("|") or len(line) <= 120


def test_a_check_says_whether_the_page_is_current(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path
) -> None:
    page = tmp_path / "SOURCES.md"
    monkeypatch.setattr(command, "PAGE", page)
    monkeypatch.setattr(command, "write", lambda: "as it should be\n")
    monkeypatch.setattr(sys, "argv", ["write_page.py", "--check"])
    assert command.main() == 1
    assert not page.exists()
    monkeypatch.setattr(sys, "argv", ["write_page.py"])
    assert command.main() == 0
    monkeypatch.setattr(sys, "argv", ["write_page.py", "--check"])
    assert command.main() == 0
    assert "is current" in capsys.readouterr().out


def test_a_sentence_that_a_run_contradicts_is_not_written(words: ModuleType) -> None:
    assert words.holds(2 > 1, "two is more") == "two is more"
    with pytest.raises(words.ContradictionError, match="two is less"):
        words.holds(2 < 1, "two is less")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "0"),
        (0.0474, "0.047"),
        (0.98, "0.98"),
        (3.98, "4.0"),
        (9.97, "10"),
        (99.6, "100"),
        (21_488, "21,000"),
    ],
)
def test_numbers_of_a_simulation_have_two_digits(words: ModuleType, number: float, written: str) -> None:
    assert words.about(number) == written


def test_means_have_the_digits_that_their_errors_support(words: ModuleType) -> None:
    assert words.supported(97_432.0, 4_100.0) == "100,000"
    assert words.supported(97_432.0, 410.0) == "97,000"
    assert words.supported(97.432, 0.004) == "97.43"
    assert words.supported(97.4, 0.0) == "97"


def test_chances_are_whole_futures_in_a_hundred(words: ModuleType) -> None:
    assert words.chance(0.377) == "38 of 100 futures"
    assert words.chance(0.0) == words.chance(0.004) == "fewer than 1 of 100 futures"
    assert words.chance(1.0) == "more than 99 of 100 futures"
    assert words.chances(0.05, 0.2, 0.344) == "5, 20 and 34 of 100 futures"


@pytest.mark.parametrize(
    ("number", "interval", "said"),
    [
        (1_812.0, (900.0, 2_700.0), "2,000"),
        (98_213.0, (91_000.0, 106_000.0), "100,000"),
        (6.3, (6.22, 6.38), "6.3"),
        (630.0, (57.0, 1_350.0), "600"),
        (0.0, (0.0, 3.0), "0"),
        (54.1, (54.1, 54.1), "54"),
    ],
)
def test_a_crossover_has_the_digits_that_its_interval_leaves(
    words: ModuleType, number: float, interval: tuple[float, float], said: str
) -> None:
    assert words.about(words.standing(number, *interval)) == said
