"""Test that errors find their line and column, and that hostile text is refused before it is parsed."""

from __future__ import annotations

import time
import tomllib

import pytest

from simulator.plan.positions import Positions, dotted
from simulator.plan.scan import RefusedError, check, decode

TEXT = '''\
# a comment with [brackets] and = signs
name = "x"
"quo.ted" . inner = [1.5, { a = "}" }, [[1], [2]],
  """many
lines \\""" # no comment
""", 07:30:00]
[a.b]
z = { p10 = 1.5, "p2.5" = 2e+3 }
[a]
k = """four""""
  [[steps]]
  first = 1
  [[steps.inner]]
  deep = 1
  [[steps.inner]]
  deep = 2
[[steps]]
first = 2
'''
KEYS = {
    ("name",): (2, 1),
    ("quo.ted", "inner"): (3, 13),
    ("quo.ted", "inner", 1, "a"): (3, 29),
    ("quo.ted", "inner", 2, 1, 0): (3, 47),
    ("quo.ted", "inner", 4): (6, 6),
    ("a", "b"): (7, 4),
    ("a", "b", "z", "p2.5"): (8, 18),
    ("a",): (9, 2),
    ("a", "k"): (10, 1),
    ("steps", 0, "first"): (12, 3),
    ("steps", 0, "inner", 1, "deep"): (16, 3),
    ("steps", 1, "first"): (18, 1),
}
VALUES = {
    ("name",): (2, 8),
    ("quo.ted", "inner"): (3, 21),
    ("a", "b"): (7, 1),
    ("a", "b", "z", "p2.5"): (8, 27),
    ("a",): (9, 1),
    ("steps", 1): (17, 1),
}


@pytest.mark.parametrize("path", KEYS, ids=dotted)
def test_a_key_is_found_where_it_stands(path):
    assert Positions(TEXT, "plan.toml").key(path) == ("plan.toml", *KEYS[path])


@pytest.mark.parametrize("path", VALUES, ids=dotted)
def test_a_value_is_found_where_it_begins(path):
    assert Positions(TEXT, "plan.toml").value(path) == ("plan.toml", *VALUES[path])


def test_every_key_that_tomllib_reads_has_a_place(every_key):
    text = every_key.read_text()
    positions = Positions(text, "plan.toml")
    lines = text.splitlines()

    def walk(value, path):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in entries:
            below = (*path, key)
            if isinstance(key, str):
                _, line, column = positions.key(below)
                assert lines[line - 1][column - 1 :].startswith(key), below
            if isinstance(inner, (dict, list)):
                walk(inner, below)

    walk(tomllib.loads(text), ())


def test_a_missing_key_is_placed_at_the_header_of_its_table():
    assert Positions(TEXT, "plan.toml").value(("a", "b", "absent")) == ("plan.toml", 7, 1)


def test_what_an_override_wrote_is_placed_in_the_override():
    positions = Positions(TEXT, "plan.toml")
    positions.override(("a", "b"), "--set a.b={}")
    assert positions.value(("a", "b", "absent")) == ("--set a.b={}", None, None)
    assert positions.value(("a", "k")).line == 10


def test_a_path_is_written_as_a_dotted_key():
    path = ("strategies", "a b", "then", 0, "when", "p2.5", "line\nend")
    assert dotted(path) == r'strategies."a b".then[0].when."p2.5"."line\nend"'


REFUSED = {
    "larger than 1 MB": (b"#" * 1_000_001, None, None),
    "encoded as UTF-16": ("name = 'x'".encode("utf-16"), 1, 1),
    "looks like UTF-16": ("name = 'x'".encode("utf-16-le"), 1, 1),
    "byte 0xE4 ('ä' in Latin-1) is not UTF-8": ("a = 1\nname = 'ä'".encode("latin-1"), 2, 9),
    "byte 0x80 is not UTF-8": (b"a = '\x80'", 1, 6),
    "NUL byte": (b"a = 1\nname = 'x\0y'", 2, 10),
    "carriage return (CR) alone": (b"a = 1\rb = 2", 1, 6),
}


@pytest.mark.parametrize("message", REFUSED)
def test_bytes_that_are_no_text_are_refused(message):
    content, line, column = REFUSED[message]
    with pytest.raises(RefusedError) as caught:
        decode(content)
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_byte_order_mark_is_passed_over_and_crlf_is_kept():
    assert decode(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n") == "a = 1\r\nb = 2\r\n"


SLOW = {
    "dotted key has more than 32 parts": "a = 1\nx" + ".a" * 20_000 + " = 1",
    "more than 32 parts": "a = 1\n[x" + " . a" * 20_000 + "]",
    "nested more than 64 deep": "a = 1\nx = " + "[" * 50_000,
    "brackets are nested": "a = 1\nx = " + "{a=" * 20_000,
    "a number of 10,000 digits": "a = 1\nx = " + "9" * 10_000,
    "a number of 10,002 digits": "a = 1\nx = 0x" + "f" * 10_000,
    "the line has 200,000 characters": "a = 1\n" + "#" * 200_000,
    "more than 30,000 keys": "a = 1\n" * 40_000,
    "30,000 keys and values": "[a]\n" * 40_000,
}


@pytest.mark.parametrize("message", SLOW)
def test_text_that_would_keep_the_parser_busy_is_refused_at_once(message):
    began = time.process_time()
    with pytest.raises(RefusedError, match=message) as caught:
        check(SLOW[message])
    assert caught.value.line >= 2
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "text", ['"""' * 30_000, "'\\" * 30_000, '"\\' * 30_000, '"""\\"' * 20_000, "'''''" * 9_999]
)
def test_malformed_strings_are_scanned_in_linear_time(text):
    began = time.process_time()
    check(text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "text",
    ["x = '" + "[" * 500 + "'", 'x = """\n' + "[{" * 500 + '"""', "# " + "a." * 500, "x = 1.5\n" * 500],
)
def test_brackets_and_dots_in_strings_and_comments_do_not_count(text):
    check(text)
