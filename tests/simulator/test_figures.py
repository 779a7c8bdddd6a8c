"""The figures state their finding, keep one colour a strategy, and overlap nothing."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from costed import COMPONENTS, dataset_of, typical_dataset
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread
from matplotlib.text import Text
from synthetic import synthetic_dataset

from simulator.figures import draw, write
from simulator.figures.colours import BASELINE, OTHERS, PALETTE, assign, legible
from simulator.figures.page import drawable, fit, fit_apart, text_width
from simulator.figures.scales import month_marks, needs_logarithm, spread
from simulator.verdict import find
from simulator.verdict.lettering import cells

LONG = (
    "Prompting mit sehr langem System-Prompt und Beispielen (GPT-4.1)",
    "微调的小模型与检索增强生成的混合路由策略以及人工复核流程",
    "Retrieval-augmented generation with nightly re-indexing & review",
    "Ünïcödé $5/$10 labels_with_underscores_and_no_spaces_at_all_64x",
)
GPT = "Customer support assistant, prompting GPT-4.1"
ALIKE = (
    f"{GPT} with cache",
    f"{GPT} fine-tuned",
    f"{GPT} with cache and a long tail of other words {'x' * 60}",
)
CASES = {
    "one": {"strategies": 1},
    "two": {"strategies": 2},
    "typical": {"strategies": 7, "draws": 300},
    "fourteen": {"strategies": 14},
    "long labels": {"strategies": 4, "labels": LONG},
    "labels alike": {"strategies": 3, "labels": ALIKE},
    "fourteen alike": {"strategies": 14, "labels": [f"{GPT}, version {i}" for i in range(14)]},
    "one month": {"strategies": 3, "horizon": 1},
    "wild scales": {"strategies": 5, "scales": [1, 0.01, 30, 1, 1]},
}


@cache
def case_dataset(case):
    return typical_dataset(**{"draws": 100} | CASES[case])


@cache
def figures(case):
    return draw(case_dataset(case))


def texts(figure):
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def said(figure):
    return " ".join(" ".join(t.get_text().split()) for t in texts(figure))


def certain(*amounts):
    upfront = np.zeros((30, len(amounts), len(COMPONENTS)))
    upfront[:, :, 0] = amounts
    return dataset_of(upfront, np.zeros((30, len(amounts), len(COMPONENTS), 12)))


def test_four_png_files_stand_beside_the_dataset(tmp_path):
    stem = tmp_path / "new" / "support-3f9a-7"
    paths = write(case_dataset("two"), stem)
    names = [f"support-3f9a-7-{name}.png" for name in ("fan", "cheapest", "saving", "break-even")]
    assert [p.name for p in paths] == names
    assert sorted(p.name for p in stem.parent.iterdir()) == sorted(names)
    for path in paths:
        assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        pixels = imread(path)
        assert pixels.shape[1] == 1760
        assert (pixels[..., :3] < 0.9).any()


def test_a_figure_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    stem = tmp_path / "run"
    old, *_ = write(typical_dataset(1, draws=40), stem)
    content = old.read_bytes()

    def fail(self, *args, **options):
        raise OSError("disk full")

    monkeypatch.setattr("matplotlib.backends.backend_agg.FigureCanvasAgg.draw", fail)
    with pytest.raises(OSError, match="disk full"):
        write(typical_dataset(1, draws=40), stem)
    assert [p.name for p in tmp_path.iterdir()] == ["run-fan.png"]
    assert old.read_bytes() == content


def test_an_earlier_figure_is_replaced_and_no_other_file(tmp_path):
    stem = tmp_path / "run"
    dataset = typical_dataset(1, draws=40)
    write(dataset, stem)
    (figure,) = write(dataset, stem)
    figure.write_bytes(b"\x89PNG\r\n\x1a\nof someone else")
    with pytest.raises(FileExistsError, match="stays as it is"):
        write(dataset, stem)
    assert figure.read_bytes().endswith(b"of someone else")


def test_one_strategy_alone_is_drawn_but_not_compared():
    assert list(figures("one")) == ["fan"]
    assert "baseline" not in said(figures("one")["fan"])


def test_every_title_states_the_finding():
    f, drawn = find(case_dataset("typical")), figures("typical")
    best = f.labels[f.recommended]
    titles = {name: figure.texts[0].get_text().replace("\n", " ") for name, figure in drawn.items()}
    assert f"{f.labels[f.most_often]} is cheapest in " in titles["cheapest"]
    assert " of 100 futures by month 36" in titles["cheapest"]
    assert f"By month 36 {best} typically costs" in titles["fan"]
    assert f"{best} typically saves" in titles["saving"]
    assert f"{best} has broken even with" in titles["break-even"]
    for figure in drawn.values():
        assert "1,000,000 lifetimes" in said(figure)
        assert "seed 20260101" in said(figure)
        assert "Support assistant, EU" in said(figure)
        assert "USD" in said(figure) or figure is drawn["break-even"]


def test_the_title_ranks_no_averages_that_the_lifetimes_cannot_tell_apart():
    upfront = np.zeros((100, 2, len(COMPONENTS)))
    upfront[:, 0, 0] = 100.0
    upfront[:, 1, 0] = np.where(np.arange(100) % 5 < 3, 90.0, 116.0)
    dataset = dataset_of(upfront, np.zeros((100, 2, len(COMPONENTS), 6)))
    assert "on average it cannot be told from" in said(draw(dataset)["cheapest"])
    dataset = dataset_of(upfront, np.zeros((100, 2, len(COMPONENTS), 6)), lifetimes=10**8)
    assert "is the cheapest on average" in said(draw(dataset)["cheapest"])


def test_all_strategies_are_labelled_in_the_fan_and_the_regret():
    f = find(case_dataset("typical"))
    for label in f.labels:
        assert label in said(figures("typical")["fan"])
        assert label in said(figures("typical")["cheapest"])


def test_labels_that_begin_alike_are_told_apart_in_titles_and_rows():
    dataset = typical_dataset(2, draws=100, labels=ALIKE[:2])
    for name in ("saving", "fan"):
        words = said(draw(dataset)[name])
        assert "…with cache" in words
        assert "…fine-tuned" in words
    for name in ("cheapest", "fan"):
        shown = {
            t.get_text() for t in texts(figures("fourteen alike")[name]) if t.get_text().startswith("Cust")
        }
        assert sum("version" in text for text in shown) >= 14, name


def test_labels_that_fit_apart_are_cut_as_before():
    drawn = [LONG[0], LONG[2]]
    assert fit_apart(drawn, "ab", 1.0, 9) == [fit(label, 1.0, 9) for label in drawn]
    short = [" ".join(lines) for lines in fit_apart(ALIKE[:2], "ab", 1.6, 9)]
    assert short == ["Customer…with cache", "Customer…fine-tuned"]
    assert fit_apart(["x" * 90 + "a", "x" * 90 + "b"], "ab", 0.05, 9)[0] == ["a"]


def test_certainty_is_said_in_words_in_titles():
    drawn = draw(certain(100.0, 80.0))
    assert "cheapest in all of 30 lifetimes (always)" in said(drawn["cheapest"])
    assert "it never ends dearer" in said(drawn["saving"])
    assert "it always does" in said(drawn["break-even"])
    drawn = draw(certain(80.0, 100.0))
    assert "never breaks even with" in said(drawn["break-even"])
    drawn = draw(certain(80.0, 80.0))
    assert "cost the same in every lifetime" in said(drawn["cheapest"])
    assert "tie" in said(drawn["saving"])


def test_no_cost_at_all_can_be_drawn():
    assert "0" in said(draw(certain(0.0, 0.0))["fan"])


@pytest.mark.parametrize("case", CASES)
def test_no_text_overlaps_another_or_leaves_the_page(case):
    for name, figure in figures(case).items():
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        width, height = figure.bbox.width, figure.bbox.height
        boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in texts(figure)]
        for text, box in boxes:
            where = (name, text)
            assert box.x0 >= 0, where
            assert box.x1 <= width, where
            assert box.y0 >= 0, where
            assert box.y1 <= height, where
        for i, (text, box) in enumerate(boxes):
            for other_text, other in boxes[i + 1 :]:
                across = min(box.x1, other.x1) - max(box.x0, other.x0)
                along = min(box.y1, other.y1) - max(box.y0, other.y0)
                # Boxes include the room for ascenders and descenders: a fifth of a line may be shared.
                assert across <= 1 or along <= 0.2 * figure.dpi * 8.5 / 72, (name, text, other_text)


def test_a_strategy_keeps_its_colour_and_the_baseline_is_grey():
    f = find(typical_dataset(draws=100, baseline=2))
    colours = assign(f)
    assert colours[2] == BASELINE
    assert len(set(colours)) == 7
    assert assign(f) == colours
    many = assign(find(case_dataset("fourteen")))
    assert many.count(OTHERS) == 14 - 1 - len(PALETTE)
    assert set(PALETTE) <= set(many)


def test_text_in_any_colour_can_be_read_on_white():
    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    for colour in (*PALETTE, BASELINE, OTHERS):
        assert 1.05 / (luminance(legible(colour)) + 0.05) >= 4.45


def test_dollar_signs_and_underscores_are_letters_not_formulas():
    words = said(figures("long labels")["saving"]).replace(" ", "")
    assert "$5/$10labels_with_underscores" in words


def test_characters_without_a_font_are_left_out_or_the_name_is_used():
    assert drawable("Fine\U000f0000-tuned", "s1") == "Fine-tuned"
    assert drawable("\U000f0000\U000f0001", "s1") == "s1"
    assert drawable("a\nb\x1b", "s1") == "a b"


@pytest.mark.parametrize("width", [0.6, 1.0, 2.3])
def test_wrapped_labels_fit_their_room(width, monkeypatch):
    # Every script has the same widths here, whatever fonts this machine has.
    monkeypatch.setattr("simulator.figures.page._advance", lambda character, bold: 0.008 * cells(character))
    for label in LONG:
        for lines in (1, 2, 3):
            found = fit(label, width, 9.0, lines)
            assert 1 <= len(found) <= lines
            assert max(text_width(line, 9.0) for line in found) <= width
            whole = "".join(found).replace(" ", "") == label.replace(" ", "")
            assert whole or found[-1].endswith("…")


def test_spread_labels_keep_their_order_distance_and_room():
    rng = np.random.default_rng(1)
    for _ in range(200):
        count = int(rng.integers(1, 12))
        centres, heights = rng.uniform(-0.1, 1.1, count), rng.uniform(0.02, 0.08, count)
        placed = spread(centres, heights, 0.0, 1.0)
        order = np.argsort(centres, kind="stable")
        gaps = np.diff(placed[order]) - (heights[order][:-1] + heights[order][1:]) / 2
        assert (gaps >= -1e-12).all()
        assert placed[order[0]] >= heights[order[0]] / 2 - 1e-12
        assert placed[order[-1]] <= 1 - heights[order[-1]] / 2 + 1e-12


def test_labels_that_do_not_touch_stay_where_they_are():
    centres = np.array([0.8, 0.2, 0.5])
    np.testing.assert_allclose(spread(centres, np.full(3, 0.1), 0.0, 1.0), centres, rtol=0, atol=1e-15)


def test_two_labels_on_one_spot_part_evenly():
    np.testing.assert_allclose(spread(np.array([0.5, 0.5]), np.full(2, 0.2), 0.0, 1.0), [0.4, 0.6])


def test_only_wide_scales_turn_logarithmic():
    assert not needs_logarithm(np.array([1.0, 0.0, 20.0]))
    assert needs_logarithm(np.array([1.0, -40.0]))
    assert not needs_logarithm(np.zeros(3))
    assert "Logarithmic scale" in said(figures("wild scales")["saving"])
    assert "ogarithmic" not in said(figures("typical")["fan"])


@pytest.mark.parametrize("horizon", [1, 2, 7, 12, 18, 36, 47, 60, 120])
def test_month_marks_are_even_or_hold_the_first_and_the_last_month(horizon):
    marks = month_marks(find(typical_dataset(1, horizon, draws=5)))
    assert marks[0] == 1 or horizon < 36
    assert marks[-1] == horizon
    assert len(marks) <= 8
    # Steps below half a year are even: the eye measures them.
    assert len(set(np.diff(marks))) <= 1 or horizon >= 36
    assert all(b - a >= 0.6 * max(np.diff(marks)) for a, b in pairwise(marks))


def test_comparisons_on_some_components_show_no_densities_of_other_costs():
    drawn = draw(typical_dataset(2, draws=60, compare_on=("serving", "labor")))
    assert "Hills" not in said(drawn["saving"])
    assert "Compared on serving, labor only" in said(drawn["saving"])
    axes = drawn["saving"].axes[0]
    assert not axes.collections


@pytest.mark.parametrize("lifetimes", [1, 300])
def test_a_dataset_as_the_simulator_builds_it_is_drawn(lifetimes):
    drawn = draw(synthetic_dataset(lifetimes=lifetimes, horizon=14))
    assert list(drawn) == ["fan", "cheapest", "saving", "break-even"]
    for figure in drawn.values():
        FigureCanvasAgg(figure).draw()
        assert "nan" not in said(figure)
