import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnkit import plots, undrawn


@pytest.fixture(autouse=True)
def off(monkeypatch):
    plt.close("all")
    monkeypatch.setenv("NNKIT_FIGURES", "off")
    yield
    plt.close("all")


def test_drawing_makes_no_figure(capsys):
    made, axes = plots.figure("t", 1, 2, sharey=True)
    for axis, label in zip(axes, "ab", strict=True):
        (axis.plot([1, 2], label=label)[0]).set_linewidth(3)
        axis.spines[:].set_visible(False)
        axis.set(xlim=(0, 1))
    drawn = axes[0].imshow(np.zeros((2, 2)))
    made.colorbar(drawn, ax=axes)
    plots.images(np.ones((3, 2, 2)), None, "t", alt="three images")
    plots.heatmap(np.eye(2), "t", "x", "y", alt="a matrix")
    plots.show(made, alt="two lines")
    assert plt.get_fignums() == []
    assert "[figure: two lines]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("shape", "options", "wanted"),
    [
        ((1, 1), {}, None),
        ((1, 3), {}, (3,)),
        ((2, 1), {}, (2,)),
        ((2, 3), {}, (2, 3)),
        ((1, 1), {"squeeze": False}, (1, 1)),
    ],
)
def test_axes_come_in_matplotlibs_shape(shape, options, wanted):
    _, axes = undrawn.subplots(*shape, **options)
    _, drawn = plt.subplots(*shape, **options)
    assert np.shape(drawn) == (wanted or ())
    assert isinstance(axes, undrawn.Undrawn) if wanted is None else axes.shape == wanted


def test_what_is_read_back_is_as_if_drawn():
    made, axis = plots.figure("the title")
    axis.set(xlim=(2, 5), ylabel="height")
    (line,) = axis.plot([1, 2], [3, 4], color="red", label="a")
    low, high = axis.get_xlim()
    assert (low, high) == (2, 5)
    assert line.get_color() == "red"
    assert len(axis.lines) == 1
    assert float(axis.get_position().width) > 0
    axis.plot([2, 3])  # from now on the figure is a real one
    assert len(axis.lines) == 2
    assert isinstance(undrawn.real(axis), Axes)
    assert isinstance(undrawn.real(made), Figure)
    assert undrawn.real(made).get_suptitle() == "the title"


def test_regions_ask_the_classifier_only_when_read():
    asked = []

    def predict(points):
        asked.append(points)
        return points[:, 0] > 0

    _, axis = plots.figure("t")
    plots.regions(axis, predict, (-1, 1), (-2, 2))
    assert not asked
    assert tuple(axis.get_ylim()) == (-2, 2)
    assert len(asked) == 1


def test_a_saved_figure_is_there(tmp_path):
    made, axis = plots.figure("t")
    axis.plot([1, 2])
    made.savefig(tmp_path / "kept.png")
    assert (tmp_path / "kept.png").stat().st_size > 0


def test_numbers_read_from_a_figure_compute():
    _, axis = plots.figure("t")
    bars = axis.bar([0, 1], [2.0, 4.0])
    heights = [bar.get_height() for bar in bars]
    assert heights == [2, 4]
    _, other = plots.figure("t")
    box = other.get_position()
    assert box.width + box.x0 > box.x0
    assert np.asarray(other.get_xlim()).shape == (2,)


def test_a_mistake_shows_when_it_is_read():
    _, axis = plots.figure("t")
    axis.no_such_method()
    with pytest.raises(AttributeError, match="no_such_method"):
        len(axis.lines)
