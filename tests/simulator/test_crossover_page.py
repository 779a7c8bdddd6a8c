"""What people see of a crossover: one page of text, one figure, one object."""

from __future__ import annotations

import json
import re
from functools import cache

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread
from matplotlib.text import Text

from simulator.crossover import crossover
from simulator.figures import write_crossover
from simulator.figures.colours import assign
from simulator.figures.crossover import draw
from simulator.verdict.crossover import Crossover, exact, render, summary
from simulator.verdict.lettering import cells
from simulator.verdict.numerals import chance, money
from tests.simulator.kernel.small import TEXT
from tests.simulator.test_crossover import PLAN, ROI, read

LONG = "Retrieval-augmented generation with nightly re-indexing and a review by people $5/$10"
FACTORS = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)


@cache
def found(case):
    options = {"lifetimes": 400, "threads": 1, "factors": FACTORS}
    if case == "certain":
        return crossover(read(*ROI), **options)
    if case == "against":
        return crossover(read(text=TEXT), against="finetuned", **options)
    if case == "long labels":
        text = TEXT.replace("[strategies.finetuned]", f'[strategies.finetuned]\nlabel = "{LONG}"')
        return crossover(read(text=text), **options)
    if case == "never":
        return crossover(read("strategies.finetuned.costs.upfront=9M USD"), **options)
    if case == "one volume":
        return crossover(read(text=TEXT), lifetimes=50, threads=1, factors=[1.0])
    if case == "one lifetime":
        return crossover(read(text=TEXT), lifetimes=1, threads=1, factors=FACTORS)
    return crossover(read(text=TEXT), **options)


CASES = ("small", "certain", "against", "long labels", "never", "one volume", "one lifetime")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_page_fits_the_terminal_and_says_no_nan(case, width):
    page = render(found(case), width)
    assert max(map(cells, page.splitlines())) <= width
    assert " nan" not in page
    assert " inf" not in page
    assert len(page.splitlines()) < 40


def test_the_page_of_a_certain_plan_shows_the_closed_form_in_full():
    page = render(found("certain"))
    assert "The plan begins with 1M requests a month." in page
    assert "It ends cheaper above" in " ".join(page.split())
    (row,) = [line for line in page.splitlines() if "62,222" in line]
    assert row.split() == ["finetuned", "473,934", "0.4739", "62,222"]
    assert "finetuned: cheaper to run above that volume." in page


def test_the_page_says_in_words_what_the_table_shows():
    words = " ".join(render(found("small")).split())
    dataset = found("small")
    best = max(range(1, 5), key=lambda i: dataset["saving_mean"].sel(volume_factor=1.0).values[i])
    name = dataset["strategy"].values[best]
    share = 100 * dataset["win_probability"].sel(volume_factor=1.0).values[best]
    assert f"There, {name} ends cheaper than prompting in" in words
    row = next(line for line in render(dataset).splitlines() if line.startswith(name)).split()
    low, _, high = row[4].partition("-")
    assert float(low) - 1 <= share <= float(high or low) + 1
    assert "chance: in 100, that there is one" in words


def test_counts_are_written_in_full_as_long_as_a_float_holds_them():
    assert exact(119_047.6) == "119,048"
    assert exact(2.0**52 - 1) == "4,503,599,627,370,495"
    assert exact(5.08e22) == "5.08e22"
    assert exact(float("nan")) == "-"


def test_a_volume_that_is_not_reached_is_said_to_lie_outside():
    page = render(found("never"))
    (row,) = [line for line in page.splitlines() if "rising" in line or "flat" in line]
    assert "never" in row
    assert all(entry in (">2M", "-") for entry in row.split()[1:4])
    assert "-" in page.splitlines()[-1] or "never" in page


def test_falling_curves_are_explained():
    page = " ".join(render(found("against")).split())
    assert "falling" in page
    assert "falling: ends cheaper below that volume, not above it" in page


def test_the_object_holds_the_grid_and_every_strategy():
    told = summary(found("certain"))
    assert list(told["strategies"]) == ["prompting", "finetuned"]
    assert told["plan"]["against"] == "prompting"
    assert len(told["volume"]) == len(FACTORS) == len(told["strategies"]["finetuned"]["win_probability"])
    assert told["strategies"]["finetuned"]["closed_form"]["calls"] == pytest.approx(473_934, abs=0.5)
    assert told["strategies"]["finetuned"]["crossover"]["months"]["p50"] == pytest.approx(0.4739, abs=1e-4)
    assert summary(found("small"))["strategies"]["hosted"]["closed_form"] is None
    json.dumps(told, default=np.ndarray.tolist)


# --- the figure


def figure_of(case):
    c = Crossover(found(case))
    return draw(c, assign(c))


def texts(figure):
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


@pytest.mark.parametrize("case", CASES)
def test_no_text_overlaps_another_or_leaves_the_page(case):
    figure = figure_of(case)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in texts(figure)]
    for i, (text, box) in enumerate(boxes):
        assert box.x0 >= 0, text
        assert box.x1 <= figure.bbox.width, text
        assert box.y0 >= 0, text
        assert box.y1 <= figure.bbox.height, text
        for other_text, other in boxes[i + 1 :]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            along = min(box.y1, other.y1) - max(box.y0, other.y0)
            # Boxes include the room for ascenders and descenders: a fifth of a line may be shared.
            assert across <= 1 or along <= 0.2 * figure.dpi * 8.5 / 72, (text, other_text)


def test_thresholds_are_marked_where_the_axis_reaches_them():
    said = " ".join(" ".join(t.get_text().split()) for t in texts(figure_of("certain")))
    for label in ("10k Real Cost", "100k Real Cost", "1M Real Cost, Cost-Benefit"):
        assert label in said
    assert "TokenRate" not in said  # 1,000 and 5,000 lie below a hundredth of 1M
    assert "5k TokenRate" in " ".join(t.get_text() for t in texts(figure_of("small")))


def test_the_title_states_the_volume_and_the_plans_own():
    said = " ".join(" ".join(t.get_text().split()) for t in texts(figure_of("certain")))
    assert said.startswith("finetuned is cheaper than prompting above ")
    assert "; the plan begins with 1M " in said
    assert "This plan: 1M" in said


def test_the_title_says_more_likely_than_not_where_it_is_not_certain():
    words = " ".join(" ".join(t.get_text().split()) for t in texts(figure_of("small")))
    assert " is more likely than not cheaper than prompting above " in words
    assert "more likely" not in " ".join(t.get_text() for t in texts(figure_of("certain")))


def test_the_chances_beside_the_curves_stand_under_their_volume():
    c, figure = Crossover(found("small")), figure_of("small")
    own = next(t for t in texts(figure) if t.get_text() == f"○ at\n{money(c.own_volume(0.5))}")
    last = next(t for t in texts(figure) if t.get_text() == f"at\n{money(c.volume[-1])}")
    for head, point in ((last, len(c.volume) - 1), (own, c.now)):
        column = [t for t in texts(figure) if t is not head and t.get_position()[0] == head.get_position()[0]]
        by_height = sorted(column, key=lambda t: -t.get_position()[1])
        assert sorted(t.get_text() for t in by_height) == sorted(chance(c.win(i, point)) for i in c.others)


def test_rows_are_told_apart_from_the_rival_too():
    text = TEXT
    for name, end in (("prompting", "with cache"), ("finetuned", "fine-tuned")):
        label = f'label = "Customer support assistant, prompting GPT-4.1 {end}"'
        text = text.replace(f"[strategies.{name}]", f"[strategies.{name}]\n{label}")
    page = render(crossover(read(text=text), lifetimes=50, threads=1, factors=FACTORS), 80)
    rows = [
        line
        for line in page.splitlines()
        if line.startswith("Cust") and re.search(r"\d$|rising|falling|flat|-$", line)
    ]
    assert len(rows) >= 2
    assert all("…fine" in line for line in rows if "…" in line)
    assert "…with cache passes" in " ".join(page.split())


def test_the_figure_is_a_png_file_and_replaces_only_figures(tmp_path):
    path = tmp_path / "volume.png"
    assert write_crossover(found("small"), path) == [path]
    assert imread(path).shape[1] == 1760
    assert write_crossover(found("certain"), path) == [path]
    other = tmp_path / "other.png"
    other.write_text("mine")
    with pytest.raises(FileExistsError):
        write_crossover(found("small"), other)
    assert other.read_text() == "mine"


def test_one_strategy_alone_has_no_figure(tmp_path):
    alone = crossover(read(text=PLAN[: PLAN.index("[strategies.finetuned]")]), lifetimes=10, factors=[1.0])
    assert write_crossover(alone, tmp_path / "volume.png") == []
    assert "nothing to compare it with" in " ".join(render(alone).split())
