"""Test what holds for every text, value and name that a plan may be given."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.plan import PlanError, ReadingError, parse_plan
from simulator.plan.correlations import matches
from simulator.plan.errors import nearest
from simulator.plan.positions import Positions
from simulator.plan.scan import RefusedError, check

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

pieces = st.sampled_from(
    [
        "", " ", "\n", '"', "'", '"""', "'''", "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "#", "\\",
        "\\u0000", "\r", "\0", "é", "1e400", "nan", "-1", "0x10", "true", "2027-01-01", '"5% / year"',
        "[strategies.",
        'extends = "prompting"', 'same_as = "demand.growth"', "route = { }", "p50 = 3", "when = {}",
        "on = []",
    ]
)  # fmt: skip
bare = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["5%", "60k to 300k req/month", "3 USD/month", "rest", "events.launch", "prompting", "demand.growth"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(
                bare,
                st.sampled_from(
                    ["p5", "p50", "min", "max", "unit", "same_as", "mixture", "value", "role", "on", "at"]
                ),
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)


def toml(value) -> str:
    """Write a value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml(key)} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def keys_below(value, path=()):
    """Yield the dotted key of every entry of a parsed plan."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in entries:
        name = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else key
        yield name
        if isinstance(inner, (dict, list)):
            yield from keys_below(inner, name)


def check_errors(error: ReadingError) -> None:
    """Hold the errors of a plan to what every error must have."""
    assert error.errors
    places = []
    for one in error:
        assert isinstance(one, PlanError)
        assert one.message
        assert "\x00" not in str(one)
        assert (one.line is None) == (one.column is None)
        places.append((one.line is None, one.line or 0, one.column or 0))
    assert places == sorted(places)
    assert len(set(error.errors)) == len(error.errors)


@quick
@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused(content):
    with pytest.raises(ReadingError) as caught:
        parse_plan(content, "plan.toml")
    check_errors(caught.value)


@quick
@given(data=st.data())
def test_a_damaged_plan_is_read_or_refused(data, every_key):
    text = every_key.read_text()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 30)))
        text = text[:start] + data.draw(pieces) + text[end:]
    try:
        parse_plan(text.encode(), "plan.toml")
    except ReadingError as error:
        check_errors(error)


@quick
@given(data=st.data())
def test_any_value_at_any_key_is_read_or_refused(data, every_key):
    content = every_key.read_bytes()
    keys = sorted(keys_below(tomllib.loads(content.decode())))
    override = f"{data.draw(st.sampled_from(keys))}={toml(data.draw(values))}"
    try:
        plan = parse_plan(content, "plan.toml", [override])
    except ReadingError as error:
        check_errors(error)
    else:
        assert plan.overrides == (override,)


@quick
@given(st.lists(st.tuples(st.lists(bare, min_size=1, max_size=3), scalars), max_size=8))
def test_every_key_has_the_place_at_which_it_is_written(entries):
    lines = []
    places = {}
    for number, (parts, value) in enumerate(entries):
        path = (f"t{number}", *parts)
        lines += ["", f"[t{number}]" if number % 2 else f"  [ t{number} ] # {'.'.join(parts)}"]
        key = " . ".join(parts)
        lines.append(f"{key} = {toml(value)}")
        places[path] = (len(lines), len(key) - len(parts[-1]) + 1, len(key) + 4)
    text = "\n".join(lines)
    tomllib.loads(text)
    positions = Positions(text, "plan.toml")
    for path, (line, key, value) in places.items():
        assert positions.key(path) == ("plan.toml", line, key)
        assert positions.value(path) == ("plan.toml", line, value)


@quick
@given(st.lists(pieces, max_size=40).map("".join))
def test_any_text_can_be_scanned(text):
    try:
        check(text)
        Positions(text.replace("\\u0000", ""), "plan.toml").key(("a", 0, "b"))
    except (RefusedError, tomllib.TOMLDecodeError):
        return


@quick
@given(
    st.lists(st.text("ab*", max_size=5), min_size=1, max_size=3).map(".".join),
    st.lists(st.text("ab", max_size=6), min_size=1, max_size=3).map(".".join),
)
def test_a_pattern_matches_what_a_regular_expression_would(pattern, name):
    expression = re.escape(pattern).replace(r"\*", "[^.]*")
    assert matches(pattern, name) == bool(re.fullmatch(expression, name))


@quick
@given(st.text(max_size=100), st.lists(bare, max_size=5))
def test_the_nearest_word_is_one_of_the_allowed(word, allowed):
    assert nearest(word, allowed) in (None, *allowed)


@quick
@given(
    st.dictionaries(
        st.sampled_from(["prompt", "failures", "retries", "cached", "output_ratio"]),
        st.just("50"),
        max_size=5,
    )
)
def test_a_strategy_has_what_it_writes_and_its_base_s_for_the_rest(read, written):
    units = {"prompt": " tok/req", "output_ratio": ""}
    lines = [f'{key} = "{number}{units.get(key, "%")}"' for key, number in written.items()]
    plan = read(add="\n".join(['[strategies.child]\nextends = "prompting"', *lines]))
    child, base = plan.strategies["child"], plan.strategies["prompting"]
    for key in ("prompt", "failures", "retries", "cached", "output_ratio"):
        if key in written:
            assert getattr(child, key).name == f"strategies.child.{key}"
        else:
            assert getattr(child, key) is getattr(base, key)
