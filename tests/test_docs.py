"""The documents at the top of the repository: what they name exists, what exists they name."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from simulator.cli import main
from simulator.dataset import build
from simulator.plan.json_schema import json_schema
from tests.simulator.synthetic import synthetic_plan, synthetic_world

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "PLAN.md", "MODEL.md", "CONTRIBUTING.md", "CHANGELOG.md")
LARGEST_PICTURE = 200_000  # bytes


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def section(document: str, heading: str) -> str:
    """Return the text below a heading, up to the next one of its level."""
    level = heading.split(" ")[0]
    after = text_of(document).split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n{level} ", after)[0]


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(document), re.MULTILINE | re.DOTALL)


def sources() -> list[Path]:
    return sorted(path for folder in ("distributions", "simulator") for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_of_the_repository(document):
    targets = re.findall(r"\]\(([^)#\s]+)", text_of(document))
    local = [target for target in targets if not target.startswith("https://")]
    assert [target for target in local if not (ROOT / target).exists()] == []


def test_the_readme_shows_one_picture_that_is_quick_to_load():
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text_of("README.md"))
    assert (ROOT / picture).stat().st_size < LARGEST_PICTURE


def test_the_commands_of_the_readme_install_what_the_project_offers():
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    run, test = blocks("README.md", "")[:2]
    assert run == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/simulate configs/plan.toml\n"
    assert (
        test == "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest\n"
    )
    assert "simulate" in project["scripts"]
    assert any(package.startswith("pytest>") for package in project["optional-dependencies"]["test"])
    assert (ROOT / "configs" / "plan.toml").is_file()


def written_commands() -> list[list[str]]:
    lines = re.findall(r"`simulate ([^`]+)`", section("README.md", "## Commands"))
    return [line.split() for line in lines if not line.startswith("run ")]


@pytest.mark.parametrize("words", written_commands(), ids=" ".join)
def test_every_command_of_the_readme_has_the_options_that_it_is_shown_with(words):
    name = words[0] if words[0] in main.commands else "run"
    known = {option for parameter in main.commands[name].params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known


def test_every_command_is_in_the_readme():
    shown = {words[0] for words in written_commands()} | {"run"}
    assert set(main.commands) <= shown


def test_the_excerpt_of_a_plan_says_what_the_reference_plan_says():
    (excerpt,) = blocks("README.md", "toml")
    plan = tomllib.loads(text_of("configs/plan.toml"))

    def is_part(part: object, whole: object) -> bool:
        if isinstance(part, dict) and isinstance(whole, dict):
            return all(key in whole and is_part(value, whole[key]) for key, value in part.items())
        return part == whole

    assert is_part(tomllib.loads(excerpt), plan)


def test_the_python_of_the_readme_runs(monkeypatch, capsys):
    (code,) = blocks("README.md", "python")
    assert "lifetimes=20_000" in code
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(compile(code.replace("20_000", "1_000"), "README.md", "exec"), names)
    assert "1,000 lifetimes, seed 7" in capsys.readouterr().out
    assert names["plan"].overrides == ("finance.discount=12% / year",)


def keys_of(schema: dict) -> set[str]:
    """List the keys of the tables of a plan; those of quantities in table form stand in `$defs`."""
    found = set()
    for name, inner in schema.get("properties", {}).items():
        found |= {name} | keys_of(inner)
    for branch in ("anyOf", "allOf", "oneOf"):
        for inner in schema.get(branch, ()):
            found |= keys_of(inner)
    for inner in schema.get("patternProperties", {}).values():
        found |= keys_of(inner)
    return found | (keys_of(schema["items"]) if "items" in schema else set())


def test_every_key_of_a_plan_is_in_its_reference():
    schema = json.loads(json.dumps(json_schema()))
    keys = keys_of(schema)
    for form in schema["$defs"].values():
        keys |= keys_of(form)
    assert {"requests_above", "gpu_hours", "spearman", "times", "varies"} <= keys
    words = set(re.findall(r"[A-Za-z_]+", text_of("PLAN.md")))
    assert {key for key in keys if re.fullmatch(r"[a-z_]+", key)} - words == set()


def test_every_section_of_the_model_that_the_code_cites_exists():
    sections = {int(number) for number in re.findall(r"^## (\d+) ", text_of("MODEL.md"), re.MULTILINE)}
    assert sections == set(range(1, 17))
    cited: dict[int, list[str]] = {}
    for path in sources():
        for numbers in re.findall(
            r"MODEL\.md ((?:\d+(?:, | and | to )?)+)", path.read_text(encoding="utf-8")
        ):
            for number in re.findall(r"\d+", numbers):
                cited.setdefault(int(number), []).append(path.name)
    assert cited.keys() == set(range(1, 16)), cited


def equations() -> list[tuple[int, int]]:
    found = re.findall(r" {3,}\((\d+)\.(\d+)\)$", text_of("MODEL.md"), re.MULTILINE)
    return [(int(part), int(number)) for part, number in found]


def test_equations_are_numbered_once_and_in_order():
    numbers = equations()
    assert len(numbers) > 50
    for part in {part for part, _ in numbers}:
        within = [number for other, number in numbers if other == part]
        assert within == list(range(1, len(within) + 1)), part


def test_every_equation_that_is_cited_exists():
    cited = {
        (int(part), int(number))
        for document in DOCUMENTS
        for part, number in re.findall(r"\((\d{1,2})\.(\d{1,2})\)", text_of(document))
    }
    assert cited <= set(equations())


def listed_variables() -> dict[str, tuple[tuple[str, ...], str]]:
    """Read name -> (dims, equation or section) from the table of MODEL.md."""
    table = section("MODEL.md", "## 16 The dataset")
    rows = re.findall(r"^\| (`.+?) \| (.+?) \| (.+?) \| ([\d., ]+) \|$", table, re.MULTILINE)
    return {
        name: (tuple(dims.split(", ")), where)
        for names, dims, _, where in rows
        for name in re.findall(r"`([a-z_]+)`", names)
    }


@pytest.fixture(scope="module")
def dataset():
    world = synthetic_world(synthetic_plan(lifetimes=200))
    return build(world.plan, world.tally(), world.inputs, seed=1)


def test_the_table_of_variables_is_the_dataset(dataset):
    listed = listed_variables()
    companions = {
        f"{name}{suffix}"
        for name, (dims, _) in listed.items()
        for suffix in ("_mcse", "_interval")
        if f"{name}{suffix}" in dataset and not name.startswith("sample_")
    }
    assert set(dataset.data_vars) == listed.keys() | companions
    assert {name: dataset[name].dims for name in listed} == {name: dims for name, (dims, _) in listed.items()}


def test_means_probabilities_and_quantiles_have_the_companions_that_are_promised(dataset):
    for name, (dims, _) in listed_variables().items():
        if name.startswith("sample_") or name == "budget":
            continue
        is_chance = name.endswith("_probability") or name == "never_breaks_even"
        is_shortfall = name == "expected_shortfall"
        suffix = "_interval" if is_chance or ("quantile" in dims and not is_shortfall) else "_mcse"
        bound = ("bound",) if suffix == "_interval" else ()
        assert dataset[name + suffix].dims == (*dims, *bound), name


def test_the_table_of_variables_points_to_equations_that_exist():
    numbers = {f"{part}.{number}" for part, number in equations()} | {str(part) for part in range(1, 17)}
    assert {place for _, where in listed_variables().values() for place in where.split(", ")} <= numbers


def test_attributes_and_coordinates_are_those_of_the_dataset(dataset):
    text = section("MODEL.md", "## 16 The dataset")
    named = set(re.findall(r"`([a-z_0-9]+)`", text))
    assert set(dataset.attrs) | set(map(str, dataset.coords)) <= named


def test_the_changelog_always_says_which_numbers_changed():
    releases = re.split(r"^## \[", text_of("CHANGELOG.md"), flags=re.MULTILINE)[1:]
    assert releases
    assert all("\n### Changed numbers\n" in release for release in releases)
