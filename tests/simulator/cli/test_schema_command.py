"""simulate schema: the JSON schema of plan files."""

from __future__ import annotations

import json


def test_the_schema_goes_to_stdout_or_to_a_file(simulate, tmp_path):
    printed = simulate("schema").stdout
    assert json.loads(printed)["$schema"].startswith("https://json-schema.org/")
    result = simulate("schema", "-o", "plan.schema.json")
    assert result.stdout == "Wrote plan.schema.json.\n"
    assert (tmp_path / "plan.schema.json").read_text() == printed


def test_a_schema_is_replaced_and_nothing_else(simulate, tmp_path):
    simulate("schema", "-o", "plan.schema.json")
    assert simulate("schema", "-o", "plan.schema.json").exit_code == 0
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "other.json").write_text('{"a": 1}')
    (tmp_path / "notes").write_bytes(b"\xff")
    for name in ("list.json", "other.json", "notes", ".", "missing/x.json"):
        assert simulate("schema", "-o", name).exit_code == 2, name
    assert (tmp_path / "other.json").read_text() == '{"a": 1}'
