"""Join the results of grid points into one dataset with a dim for each key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

SAMPLES = ("lifetime", "input")
"""Dims of what is kept of single lifetimes, which a sweep leaves out."""

Variables = dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]]


def without_samples(dataset: xr.Dataset) -> xr.Dataset:
    """Drop what is kept of single lifetimes."""
    return dataset.drop_dims([dim for dim in SAMPLES if dim in dataset.dims])


def join(
    points: Sequence[xr.Dataset],
    keys: dict[str, np.ndarray],
    order: dict[str, Sequence[str]],
) -> tuple[Variables, Variables]:
    """Join datasets, one a grid point, in an outer join: what a point does not have is NaN there.

    Parameters
    ----------
    points
        In the order of the grid, the last key moving fastest.
    keys
        Key -> (value) coordinate.
    order
        Dim -> labels in the order in which they are to stand, as far as it is known.

    Returns
    -------
    Variables and coordinates, as `xarray.Dataset` takes them.

    Notes
    -----
    Labels of a dim are those of all points. A coordinate that stands beside a dim (`date` beside `month`) is kept as
    it is where the points agree on it, gets the dims of the grid where they do not, and is left out where it would
    have holes that its type cannot hold.
    """
    grid = tuple(values.size for values in keys.values())
    labels = {
        str(dim): _union(
            [point[dim].values for point in points if dim in point.dims], order.get(str(dim), ())
        )
        for dim in dict.fromkeys(dim for point in points for dim in point.dims)
    }
    places = [
        {str(dim): _positions(labels[str(dim)], point[dim].values) for dim in point.dims} for point in points
    ]
    names = list(dict.fromkeys(str(name) for point in points for name in point.variables))
    variables: Variables = {}
    coordinates: Variables = {
        key: ((key,), values, {"long_name": f"Value of {key}"}) for key, values in keys.items()
    }
    for name in names:
        first = next(point.variables[name] for point in points if name in point.variables)
        dims, attributes = tuple(map(str, first.dims)), dict(first.attrs)
        if dims == (name,):
            coordinates[name] = (dims, labels[name], attributes)
            continue
        held = [(at, point.variables[name]) for at, point in enumerate(points) if name in point.variables]
        stacked = _stack(
            held, [places[at] for at, _ in held], len(points), [labels[dim].size for dim in dims]
        )
        if any(name in point.coords for point in points):
            if (agreed := _agreed(stacked)) is not None:
                coordinates[name] = (dims, agreed, attributes)
            elif stacked.mask is np.ma.nomask or not stacked.mask.any():
                coordinates[name] = ((*keys, *dims), _shaped(stacked.data, grid), attributes)
            continue
        values = stacked.filled(np.nan) if stacked.dtype.kind == "f" else stacked.filled("")
        variables[name] = ((*keys, *dims), _shaped(values, grid), attributes)
    return variables, coordinates


def _shaped(values: np.ndarray, grid: tuple[int, ...]) -> np.ndarray:
    return values.reshape(*grid, *values.shape[1:])


def _stack(
    held: Sequence[tuple[int, xr.Variable]],
    places: Sequence[dict[str, np.ndarray]],
    points: int,
    sizes: Sequence[int],
) -> np.ma.MaskedArray:
    """Put a variable of all points into one array (point, …); what no point gives is masked."""
    dtype = np.result_type(*(variable.dtype for _, variable in held))
    dtype = np.dtype(np.float64) if dtype.kind in "iub" else dtype
    stacked = np.ma.masked_all((points, *sizes), dtype=dtype)
    for (at, variable), place in zip(held, places, strict=True):
        index = np.ix_([at], *(place[str(dim)] for dim in variable.dims))
        stacked[index] = variable.values[np.newaxis]
    return stacked


def _agreed(stacked: np.ma.MaskedArray) -> np.ndarray | None:
    """Give what all points that have a label say of it (…); None where two of them differ or none says anything."""
    present = ~np.ma.getmaskarray(stacked)
    if not present.any(axis=0).all():
        return None
    values = np.take_along_axis(stacked.data, present.argmax(axis=0)[np.newaxis], axis=0)
    return values[0] if bool((~present | (stacked.data == values)).all()) else None


def _union(axes: Sequence[np.ndarray], order: Sequence[str]) -> np.ndarray:
    """Give the labels of all points: in the order given where they stand in it, else ascending, "horizon" last."""
    found = np.unique(np.concatenate(axes))
    if all(np.array_equal(axis, axes[0]) for axis in axes):
        return axes[0]
    places = {label: place for place, label in enumerate(order)}
    ranked = sorted(
        found.tolist(), key=lambda label: (places.get(label, len(places)), label == "horizon", label)
    )
    return np.array(ranked, dtype=found.dtype)


def _positions(labels: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    places = {label: place for place, label in enumerate(labels.tolist())}
    return np.array([places[label] for label in wanted.tolist()], dtype=np.int64)
