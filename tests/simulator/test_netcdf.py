"""Files that any reader of netCDF takes for its own."""

from __future__ import annotations

import io

import h5py
import numpy as np
import pytest
import xarray as xr

from simulator import netcdf
from tests.simulator.synthetic import synthetic_dataset

DAYS = {"units": "days since 1970-01-01", "calendar": "proleptic_gregorian", "dtype": "int64"}


def small():
    """Every kind of value, a dimension without a coordinate, one of no length, coordinates beside them."""
    return xr.Dataset(
        {
            "cost": (("strategy", "draw"), np.arange(6.0).reshape(2, 3), {"units": "USD", "rank": 3}),
            "share": ("draw", np.array([0.1, 0.2, np.nan], dtype=np.float32), {"long_name": "naïve"}),
            "ahead": ("strategy", np.array([True, False])),
            "count": ((), np.int64(7)),
            "none": (("strategy", "nothing"), np.zeros((2, 0))),
        },
        {
            "strategy": ["prompting", "fine-tuned “b”"],
            "label": ("strategy", ["Prompting", ""]),
            "date": ("draw", np.array(["2027-01-01", "2027-02-01", "1969-12-31"], dtype="datetime64[ns]")),
            "factor": 1.5,
            "fee": ("other", [1.0, 2.0]),
        },
        {"title": "A plan", "seed": 2**64 - 1, "level": 0.8, "lifetimes": 3},
    )


@pytest.fixture(scope="module", params=["small", "synthetic"])
def dataset(request):
    return small() if request.param == "small" else synthetic_dataset(lifetimes=120, horizon=5)


def opened(content):
    with xr.open_dataset(io.BytesIO(content), engine="h5netcdf") as file:
        return file.load()


def test_xarray_reads_what_was_laid_out(dataset):
    found = opened(netcdf.encode(dataset))
    xr.testing.assert_identical(found, dataset)
    for name, variable in dataset.variables.items():
        kinds = (found.variables[name].dtype, variable.dtype)
        assert kinds[0] == kinds[1] or kinds[0].kind == kinds[1].kind == "U", name


def test_the_same_dataset_gives_the_same_bytes(dataset):
    assert netcdf.encode(dataset) == netcdf.encode(dataset.copy(deep=True))


def attributes(item, file):
    """Attributes by name: type, shape and value, references by the names of what they refer to."""
    found = {}
    for name in item.attrs:
        kind = item.attrs.get_id(name)
        if name == "REFERENCE_LIST":  # the order in which variables were tied to a scale
            value = sorted((file[reference].name, int(axis)) for reference, axis in item.attrs[name])
        elif name == "DIMENSION_LIST":
            value = [[file[reference].name for reference in axis] for axis in item.attrs[name]]
        elif name == "_NCProperties":
            continue
        else:
            value = repr(item.attrs[name])
        found[name] = (kind.dtype, kind.shape if name != "REFERENCE_LIST" else None, value)
    return found


def test_the_layout_is_that_of_the_writer_of_xarray(dataset):
    """Numbers of dimensions apart, which both give out in the order in which they meet them."""
    encoding = {
        name: DAYS if variable.dtype.kind == "M" else {"_FillValue": None}
        for name, variable in dataset.variables.items()
        if variable.dtype.kind in "fM"
    }
    theirs = dataset.to_netcdf(engine="h5netcdf", encoding=encoding)
    with h5py.File(io.BytesIO(netcdf.encode(dataset))) as found, h5py.File(io.BytesIO(theirs)) as expected:
        assert set(found) == set(expected)
        assert attributes(found, found) == attributes(expected, expected)
        ids = [
            {file[name].attrs["_Netcdf4Dimid"]: name for name in dataset.sizes} for file in (found, expected)
        ]
        for name in expected:
            items = found[name], expected[name]
            shapes = [(item.shape, item.maxshape, item.dtype, item.compression) for item in items]
            assert shapes[0] == shapes[1], name
            mine, other = (attributes(item, item.file) for item in items)
            for key in ("_Netcdf4Coordinates", "_Netcdf4Dimid"):
                mine.pop(key, None), other.pop(key, None)
                dims = [
                    [number[i] for i in np.atleast_1d(item.attrs.get(key, []))]
                    for item, number in zip(items, ids, strict=True)
                ]
                assert dims[0] == dims[1], (name, key)
            assert mine == other, name


def test_values_of_another_kind_are_refused():
    with pytest.raises(TypeError, match="wave: values of type complex128 are not kept"):
        netcdf.encode(xr.Dataset({"wave": ("x", np.array([1j]))}))
