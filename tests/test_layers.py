"""Hold the packages to the floors of the house, by reading their imports and by making them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STARTER = ROOT / "simulator" / "plan" / "starter.toml"

# A module stands on the floor of the longest prefix that fits, and imports from its own floor or one below.
FLOORS = {
    "distributions": 0,
    "simulator": 0,  # the package itself only names what others offer
    "simulator.calendar": 1,
    "simulator.catalogue": 1,
    "simulator.errors": 1,
    "simulator.plan": 1,
    "simulator.lowering": 1,
    "simulator.kernel": 1,
    "simulator.axes": 2,
    "simulator.crossover": 3,
    "simulator.dataset": 2,
    "simulator.histogram": 2,
    "simulator.netcdf": 2,
    "simulator.precision": 2,
    "simulator.provenance": 2,
    "simulator.run": 2,
    "simulator.running": 2,
    "simulator.sequences": 2,
    "simulator.statistics": 2,  # of arrays; the dataset is built with it
    "simulator.storage": 2,
    "simulator.sweep": 3,
    "simulator.tally": 2,
    "simulator.trace": 2,
    "simulator.worker": 2,
    "simulator.workspace": 2,
    "simulator.atomic": 2,
    "simulator.explain": 4,
    "simulator.export": 4,
    "simulator.rules": 4,
    "simulator.figures": 4,
    "simulator.verdict": 4,
    "simulator.cli": 5,
}

# Where each package from outside may be imported, wherever in the file the import stands.
HOMES = {
    "numpy": ("distributions", "simulator"),
    "numba": ("distributions.jit", "distributions.linked", "simulator.kernel"),
    "llvmlite": ("distributions.jit", "distributions.linked", "simulator.kernel", "simulator.running.tasks"),
    "platformdirs": ("distributions.jit",),
    "scipy": ("distributions", "simulator.sequences", "simulator.statistics", "simulator.explain"),
    "pydantic": ("simulator.plan",),
    "pydantic_core": ("simulator.plan",),
    "genai_prices": ("simulator.catalogue",),
    "pyarrow": ("simulator.plan", "simulator.export"),
    "xarray": (
        "simulator.dataset",
        "simulator.storage",
        "simulator.verdict",
        "simulator.figures",
        "simulator.crossover",
        "simulator.sweep",
    ),
    "h5py": ("simulator.netcdf", "simulator.storage"),
    "distributed": ("simulator.running.cluster",),
    "matplotlib": ("simulator.figures",),
    "xlsxwriter": ("simulator.export",),
    "click": ("simulator.cli",),
    "rich": ("simulator.cli",),
}
HEAVY = {"numpy", "numba", "scipy", "xarray", "h5py", "h5netcdf", "matplotlib", "pandas"}


@dataclass(frozen=True)
class Import:
    """One import: who imports what, on which line, and whether only type checkers see it."""

    module: str
    imports: str
    line: int
    at_start: bool
    typing: bool


def modules() -> dict[str, Path]:
    paths = [path for package in ("distributions", "simulator") for path in (ROOT / package).rglob("*.py")]
    dotted = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted(paths)}
    return {name.removesuffix(".__init__"): path for name, path in dotted.items()}


MODULES = modules()
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imports_of(module: str) -> Iterator[Import]:
    def visit(node: ast.AST, at_start: bool, typing: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, node.lineno, at_start, typing)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield Import(
                    module, whole if whole in MODULES else node.module, node.lineno, at_start, typing
                )
        for child in ast.iter_child_nodes(node):
            deeper = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            checked = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
            yield from visit(child, at_start and not deeper, typing or checked)

    return visit(TREES[module], True, False)


# The package's own imports are for type checkers: what it offers is imported when it is first named.
IMPORTS = [
    found
    for module in MODULES
    for found in imports_of(module)
    if not (module == "simulator" and found.typing)
]


def floor(module: str) -> int | None:
    while module not in FLOORS:
        module, dot, _ = module.rpartition(".")
        if not dot:
            return None
    return None if module == "simulator" else FLOORS[module]


def lies_in(module: str, homes: tuple[str, ...]) -> bool:
    return any(module == home or module.startswith(home + ".") for home in homes)


def test_every_module_has_a_floor():
    assert [name for name in MODULES if name != "simulator" and floor(name) is None] == []


def test_imports_lead_down_or_stay_on_their_floor():
    wrong = [
        f"{found.module}:{found.line} (floor {floor(found.module)}) imports {found.imports}"
        for found in IMPORTS
        if found.imports in MODULES and (floor(found.imports) or 0) > (floor(found.module) or 0)
    ]
    assert wrong == []


def test_distributions_know_nothing_of_the_simulator():
    assert [
        found
        for found in IMPORTS
        if lies_in(found.module, ("distributions",)) and "simulator" in found.imports
    ] == []


def test_the_kernel_sees_arrays_never_a_plan():
    allowed = ("distributions", "simulator.kernel")
    inside = [
        found
        for found in IMPORTS
        if lies_in(found.module, ("simulator.kernel",)) and found.imports in MODULES
    ]
    assert [found for found in inside if not lies_in(found.imports, allowed)] == []


def test_packages_from_outside_are_imported_where_they_belong():
    outside = [found for found in IMPORTS if found.imports not in MODULES and not found.typing]
    names = {found.imports.partition(".")[0] for found in outside}
    assert names - HOMES.keys() - sys.stdlib_module_names == set()
    wrong = [
        f"{found.module}:{found.line} imports {found.imports}"
        for found in outside
        if (package := found.imports.partition(".")[0]) in HOMES and not lies_in(found.module, HOMES[package])
    ]
    assert wrong == []


def test_only_the_shell_prints_or_exits():
    ends = {"print", "exit", "quit", "sys.exit", "os._exit", "os.abort"}
    wrong = [
        f"{module}:{node.lineno} calls {ast.unparse(node.func)}"
        for module, tree in TREES.items()
        if not lies_in(module, ("simulator.cli",))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ends
    ]
    wrong += [
        f"{module}:{node.lineno} names SystemExit"
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "SystemExit"
    ]
    assert wrong == []


REPORT = """
import atexit, json, sys
atexit.register(lambda: sys.stderr.write(json.dumps(list(sys.modules))))
"""


def loaded(code: str, *arguments: str, directory: Path = ROOT, **environment: str) -> set[str]:
    """Run code in a fresh interpreter; give the top-level packages that it has loaded by its end."""
    result = subprocess.run(
        [sys.executable, "-c", REPORT + code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in result.stderr, result.stderr
    return {name.partition(".")[0] for name in json.loads(result.stderr[result.stderr.rindex('["') :])}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["run", "--help"],
        ["init"],
        ["validate", str(STARTER)],
        ["schema"],
        ["prices", "gpt-4.1"],
        ["run", "no.toml"],
    ],
    ids=" ".join,
)
def test_what_simulates_nothing_imports_nothing_heavy(arguments, tmp_path):
    assert loaded("from simulator.cli import main; main()", *arguments, directory=tmp_path) & HEAVY == set()


def test_completion_imports_nothing_heavy():
    words = {"_SIMULATE_COMPLETE": "bash_complete", "COMP_WORDS": "simulate va", "COMP_CWORD": "1"}
    assert loaded("from simulator.cli import main; main()", **words) & {*HEAVY, "rich", "pydantic"} == set()


@pytest.mark.parametrize(
    ("package", "absent"),
    [
        ("distributions", {"simulator", "xarray", "matplotlib", "pydantic", "click"}),
        ("simulator.plan", HEAVY | {"distributions", "click"}),
        ("simulator.calendar", HEAVY | {"distributions", "click", "pydantic"}),
        ("simulator.kernel", {"xarray", "matplotlib", "pydantic", "click"}),
        ("simulator.cli", HEAVY | {"distributions", "pydantic", "rich"}),
    ],
)
def test_importing_a_package_loads_nothing_of_a_higher_floor(package, absent):
    names = [name for name in MODULES if lies_in(name, (package,)) and not name.endswith("__main__")]
    assert names
    assert loaded("".join(f"import {name}\n" for name in names)) & absent == set()
