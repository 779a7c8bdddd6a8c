"""The XLSX workbook, opened again by openpyxl."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

import pytest

from simulator.export import ExportError, write_xlsx
from simulator.export.workbook import SHEETS, book
from tests.simulator.export.conftest import HOSTILE, make

openpyxl = pytest.importorskip("openpyxl")


def opened(dataset, path):
    assert write_xlsx(dataset, path) == len(SHEETS)
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def path(dataset, tmp_path_factory):
    path = tmp_path_factory.mktemp("xlsx") / "costs.xlsx"
    write_xlsx(dataset, path)
    return path


@pytest.fixture(scope="module")
def workbook(path):
    return openpyxl.load_workbook(path)


def table(sheet):
    """Read a sheet's table as dicts, its head being the row above the frozen ones' end."""
    head = int(re.sub(r"\D", "", sheet.freeze_panes)) - 1
    names = [cell.value for cell in sheet[head]]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=head + 1)]
    return [row for row in rows if row[names[0]].value is not None and row[names[-1]] is not None]


def test_the_sheets_are_those_that_are_promised_with_frozen_heads_and_filters(workbook):
    assert tuple(workbook.sheetnames) == SHEETS
    assert SHEETS == ("Summary", "Quarterly", "Monthly", "Breakdown", "Assumptions", "About")
    frozen = {sheet.title: sheet.freeze_panes for sheet in workbook}
    # The synthetic plan is no plan: its sheet of assumptions holds its text instead, in one column.
    assert frozen == {
        "Summary": "B4", "Quarterly": "D3", "Monthly": "D3", "Breakdown": "D3", "Assumptions": "A3", "About": "B3",
    }  # fmt: skip
    assert all(sheet.auto_filter.ref for sheet in workbook)


def test_there_is_no_formula_and_no_link_anywhere(workbook, path):
    for sheet in workbook:
        for row in sheet.iter_rows():
            assert not [cell for cell in row if cell.data_type == "f" or cell.hyperlink]
    with zipfile.ZipFile(path) as files:
        for name in files.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in files.read(name)


def test_dates_amounts_and_chances_are_what_they_look_like(workbook, dataset):
    rows = table(workbook["Monthly"])
    assert len(rows) == dataset.sizes["strategy"] * dataset.sizes["month"]
    first = rows[dataset.sizes["month"]]
    assert first["Strategy"].value == "Rag"
    assert first["Month begins"].value == datetime(2026, 11, 1)
    assert first["Month begins"].number_format == "mmm yyyy"
    cost = first["Cost, P95 [USD]"]
    assert cost.value == pytest.approx(
        float(dataset["monthly_cost"].sel(strategy="rag", quantile=0.95)[0]), rel=1e-15
    )
    assert cost.number_format == "#,##0"
    chance = first["Cheapest so far [chance]"]
    assert chance.value == pytest.approx(
        float(dataset["cheapest_probability"].sel(strategy="rag")[0]), rel=1e-15
    )
    assert chance.number_format == "0.0%"
    assert rows[0]["Ahead of the baseline so far [chance]"].value is None
    period = table(workbook["Quarterly"])[0]
    assert (period["From"].value, period["To"].value) == (datetime(2026, 11, 1), datetime(2026, 12, 31))
    assert period["From"].number_format == "yyyy-mm-dd"


def test_allocated_columns_add_up_and_breakdowns_too(workbook):
    months, periods = table(workbook["Monthly"]), table(workbook["Quarterly"])

    def total(rows, head, **where):
        wanted = [row for row in rows if all(row[name].value == value for name, value in where.items())]
        assert wanted
        return sum(row[head].value or 0.0 for row in wanted)

    for strategy in ("Prompting", "Rag", "Finetuned"):
        of = {"Strategy": strategy}
        p80 = total(periods, "Cost, P80 [USD]", Kind="horizon", **of)
        head = "Cost, P80 of the horizon, allocated [USD]"
        assert total(months, head, **of) == pytest.approx(p80, rel=1e-12)
        assert total(periods, head, Kind="quarter", **of) == pytest.approx(p80, rel=1e-12)
        assert total(periods, head, Kind="fiscal year", **of) == pytest.approx(p80, rel=1e-12)
        years = total(periods, "Cost, P80 [USD]", Kind="fiscal year", **of)
        head = "Cost, P80 of the fiscal year, allocated [USD]"
        assert total(months, head, **of) == pytest.approx(years, rel=1e-12)
        parts = table(workbook["Breakdown"])
        mean = total(periods, "Cost, mean [USD]", Kind="horizon", **of)
        for kind in ("horizon", "fiscal year", "quarter"):
            assert total(parts, "Total [USD]", Kind=kind, **of) == pytest.approx(mean, rel=1e-12)


def test_the_summary_ranks_by_regret_and_says_the_verdict(workbook, dataset):
    sheet = workbook["Summary"]
    assert sheet["A1"].value == "synthetic"
    regrets = [row["Expected regret [USD]"].value for row in table(sheet)[:3]]
    assert regrets == sorted(regrets)
    said = " ".join(str(cell.value) for row in sheet.iter_rows(min_row=8) for cell in row if cell.value)
    assert "of 100 futures" in said
    assert "Percentiles do not add up" in said


def test_charts_show_the_fan_of_every_strategy_and_the_chance_of_being_cheapest(workbook, dataset):
    charts = workbook["Summary"]._charts
    assert [type(chart).__name__ for chart in charts] == ["AreaChart"] + ["LineChart"] * 3
    area, fan = charts[:2]
    horizon = dataset.sizes["month"]
    months = workbook["Monthly"]

    def values(reference):
        sheet, cells = reference.replace("$", "").split("!")
        found = workbook[sheet][cells]
        return [row[0].value for row in found] if isinstance(found, tuple) else [found.value]

    shares = {values(one.tx.strRef.f)[0]: values(one.val.numRef.f) for one in area.series}
    assert {len(share) for share in shares.values()} == {horizon}
    assert [sum(month) for month in zip(*shares.values(), strict=True)] == pytest.approx([1.0] * horizon)
    best = table(workbook["Summary"])[0]["Strategy"].value
    assert values(fan.title.tx.strRef.f) == [best]
    assert [one.tx.v for one in fan.series] == ["P95", "P50", "P5"]
    name = {str(label): str(key) for key, label in zip(
        dataset["strategy"].values, dataset["strategy_label"].values, strict=True)}[best]  # fmt: skip
    for one, level in zip(fan.series, (0.95, 0.5, 0.05), strict=True):
        expected = dataset["present_cost"].sel(strategy=name, quantile=level).values
        assert values(one.val.numRef.f) == pytest.approx(expected.tolist(), rel=1e-14)
        assert values(one.cat.numRef.f)[0] == datetime(2026, 11, 1)
    (bars,) = workbook["Breakdown"]._charts
    assert len(bars.series) == 8
    assert months.max_row == 2 + 3 * horizon


def test_about_names_the_plan_and_why_percentiles_do_not_add_up(workbook, dataset):
    said = {row[0].value: row[1].value for row in workbook["About"].iter_rows(min_row=3)}
    assert said["Plan, sha256"] == dataset.attrs["plan_sha256"]
    assert said["Seed"] == "7"
    assert said["Overrides (--set)"] == 'demand.growth="1% to 3% / month"'
    assert "add up to" in said["Why percentiles do not add up"]
    assert "P80, allocated" in said


def test_a_workbook_is_dated_by_its_run(path, dataset):
    with zipfile.ZipFile(path) as files:
        core = files.read("docProps/core.xml").decode()
        assert {info.date_time for info in files.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert set(re.findall(r"W3CDTF\">([^<]+)<", core)) == {dataset.attrs["created"][:19] + "Z"}


def test_hostile_names_stay_text_in_cells_and_charts(hostile, tmp_path):
    path = tmp_path / "costs.xlsx"
    workbook = opened(hostile, path)
    labels = {cell.value for cell in workbook["Monthly"]["A"][2:]}
    assert labels == {HOSTILE["prompting"], HOSTILE["rag"], HOSTILE["finetuned"].replace("\x07", "")}
    assert workbook["Summary"]["A1"].value.startswith("@SUM")
    for sheet in workbook:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                if isinstance(cell.value, str) and cell.value[:1] in "=+@":
                    assert cell.quotePrefix, cell.coordinate
    with zipfile.ZipFile(path) as files:
        charts = [
            files.read(name).decode() for name in files.namelist() if name.startswith("xl/charts/chart")
        ]
    references = {found for chart in charts for found in re.findall(r"<c:f>(.*?)</c:f>", chart)}
    assert all(
        re.fullmatch(r"(Summary|Monthly|Breakdown)!\$[A-Z]+\$\d+(:\$[A-Z]+\$\d+)?", one) for one in references
    )
    titles = [chart.title.tx.strRef.f for chart in workbook["Summary"]._charts[1:]]
    assert titles == ["Summary!$A$4", "Summary!$A$5", "Summary!$A$6"]


def test_strategies_of_one_label_are_told_apart_by_their_names(dataset, tmp_path):
    twins = dataset.assign_coords(strategy_label=("strategy", ["Twin", "Twin", "Other"]))
    labels = {row["Strategy"].value for row in table(opened(twins, tmp_path / "a.xlsx")["Breakdown"])}
    assert labels == {"Twin (prompting)", "Twin (rag)", "Other"}


def test_more_rows_than_excel_takes_are_refused_and_nothing_is_written(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(book, "MOST_ROWS", 50)
    with pytest.raises(ExportError, match=r"Monthly would have 53 rows, and Excel takes 50") as refused:
        write_xlsx(dataset, tmp_path / "a.xlsx")
    assert refused.value.exit_code == 2
    assert "--to csv" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "plan",
    [
        {"horizon": 1, "lifetimes": 40},
        {"strategies": ("rag",), "horizon": 3, "budget": None, "prices": ()},
        {"horizon": 4, "quantiles": (0.5,)},
        {"horizon": 4, "lifetimes": 1, "budget": (100.0, "horizon")},
        {"horizon": 4, "currency": "JPY", "compare_on": ("labor",), "budget_covers": ("labor",)},
    ],
)
def test_every_shape_of_run_makes_a_workbook(plan, tmp_path):
    workbook = opened(make(**plan), tmp_path / "a.xlsx")
    assert tuple(workbook.sheetnames) == SHEETS
    heads = [cell.value for cell in workbook["Monthly"][2]]
    assert len(heads) == len(set(heads))


def test_a_text_longer_than_a_cell_takes_is_cut_with_a_mark(dataset, tmp_path):
    plan = dataset.assign_attrs(plan="x" * 40_000)
    cell = opened(plan, tmp_path / "a.xlsx")["Assumptions"]["A3"]
    assert len(cell.value) == 32_767
    assert cell.value.endswith("x…")


def test_a_workbook_in_memory_is_a_zip_that_is_whole(path):
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as files:
        assert files.testzip() is None
