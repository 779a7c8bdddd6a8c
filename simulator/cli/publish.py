"""Write a result with its figures, and print what it says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli import report

if TYPE_CHECKING:
    import xarray as xr

    from simulator.plan import Plan

RESULTS = Path("results")


def name_of(plan: Plan, seed: int, ending: str, digest: str | None = None) -> Path:
    """Name a file of a run in the folder of results, which is made where it is missing.

    Parameters
    ----------
    plan, seed
        What is run.
    ending
        Of the name, suffix included.
    digest
        What tells the run from others of the plan; the plan's own by default.
    """
    RESULTS.mkdir(exist_ok=True)
    return RESULTS / f"{Path(plan.path).stem}-{(digest or plan.digest)[:8]}-{seed}{ending}"


def publish(
    dataset: xr.Dataset,
    path: Path,
    *,
    plan: str,
    as_json: bool,
    figures: bool,
    notes: Mapping[str, Any],
    quiet: bool = False,
    published: Callable[[], None] = lambda: None,
    rescue: str | None = None,
) -> None:
    """Write a dataset and its figures, print the verdict.

    Parameters
    ----------
    dataset
        The result.
    path
        Where it goes.
    plan
        The plan's name, for programs.
    as_json
        Whether to print one object.
    figures
        Whether to draw.
    notes
        What else to tell programs, as `report.notes_of` gives it.
    quiet
        Whether to leave out warnings where a program is not told of them.
    published
        Called once the dataset is safe.
    rescue
        What to do where it cannot be written, besides the obvious.

    Raises
    ------
    click.exceptions.Exit
        With 3 if a file could not be written: the verdict is printed all the same.
    """
    from simulator import storage, verdict

    # What this refuses must not be printed either.
    storage.refuse_missing_values(dataset)
    drawn: list[Path] = []
    written = False
    before = figures_beside(path)
    try:
        storage.write(dataset, path)
    except storage.StorageError as error:
        hint = error.hint if rescue is None else f"{error.hint}; {rescue}"
        problems = [report.Problem(error.message, hint=hint, file=error.file)]
    else:
        written = True
        published()
        drawn, problems = draw(lambda: _figures(dataset, path), "the figures are") if figures else ([], [])
        notes = tell_outdated(before, notes, quiet=quiet)
    if as_json:
        files = {"plan": plan, "dataset": path if written else None, "figures": drawn}
        errors = {"errors": report.as_objects(problems)} if problems else {}
        report.print_object({**verdict.summary(dataset), **notes, "files": files, **errors})
    else:
        click.echo(verdict.render(dataset, width=report.width()).rstrip("\n"))
        if written:
            click.echo(f"\nDataset  {path}")
        for position, figure in enumerate(drawn):
            click.echo(f"{'' if position else 'Figures':<8} {figure}")
    if problems:
        report.show_problems(problems)
        raise click.exceptions.Exit(report.DATA)


def draw(write: Callable[[], list[Path]], what: str) -> tuple[list[Path], list[report.Problem]]:
    """Write figures; what the file system has against it must not hide the answer.

    Parameters
    ----------
    write
        Writes them and gives their files.
    what
        Begins the sentence about those that are not written, such as ``"the figures are"``.
    """
    try:
        return write(), []
    except OSError as error:
        reason = f"{what} not written: {error.strerror or error}"
        # A rename names two files, the second one is the figure.
        file = error.filename2 or error.filename
        return [], [report.Problem(reason, file=None if file is None else str(file))]


def figures_beside(path: Path) -> dict[Path, tuple[int, int]]:
    """Find the figures of an earlier result beside a dataset that is going to be written.

    Parameters
    ----------
    path
        The dataset.

    Returns
    -------
    Figure -> what changes when it is written anew, for `tell_outdated`.
    """
    stem = _stem(path)
    near = [one for one in path.parent.glob("*.png") if one.name.startswith(stem.name) and one.is_file()]
    if not near:
        return {}  # without loading what draws
    from simulator.figures import FIGURES, SOFTWARE

    names = [f"{stem.name}.png", *(f"{stem.name}-{name}.png" for name, *_ in FIGURES)]
    found = {}
    for one in sorted((one for one in near if one.name in names), key=lambda one: names.index(one.name)):
        with contextlib.suppress(OSError), one.open("rb") as file:
            if f"Software\0{SOFTWARE}".encode() in file.read(1024):
                found[one] = _version_of(one)
    return found


def tell_outdated(
    before: Mapping[Path, tuple[int, int]], notes: Mapping[str, Any], *, quiet: bool = False
) -> dict[str, Any]:
    """Warn on stderr of figures that do not show the result they stand beside.

    Parameters
    ----------
    before
        What `figures_beside` has found before the dataset was written; figures written anew since are current.
    notes
        As `report.notes_of` gives them.
    quiet
        Whether to leave out the line.

    Returns
    -------
    The notes, with that warning where there is one.
    """
    left = [
        str(figure)
        for figure, version in before.items()
        if figure.is_file() and _version_of(figure) == version
    ]
    if not left:
        return dict(notes)
    verb = "is" if len(left) == 1 else "are"
    warning = f"{', '.join(left)} {verb} of an earlier result, not of this one."
    if not quiet:
        report.to_stderr(f"warning: {warning}")
    return {**notes, "warnings": [*notes["warnings"], warning]}


def _version_of(figure: Path) -> tuple[int, int]:
    status = figure.stat()
    return status.st_ino, status.st_mtime_ns


def _stem(path: Path) -> Path:
    return path.with_suffix("") if path.suffix == ".nc" else path


def _figures(dataset: xr.Dataset, path: Path) -> list[Path]:
    from simulator import figures

    return [Path(figure) for figure in figures.write(dataset, _stem(path))]
