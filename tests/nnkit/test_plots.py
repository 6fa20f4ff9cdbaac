"""Figures carry alternative text, and a cell that waits for a task says so."""

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from nnkit import plots


def brightness(colour: str) -> float:
    """Relative luminance, as the Web Content Accessibility Guidelines define it."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_first_colours_differ_in_brightness_or_strongly_in_hue():
    assert len(set(plots.PALETTE)) == len(plots.PALETTE) >= 7
    assert brightness(plots.PALETTE[0]) < brightness(plots.PALETTE[1]) - 0.05


def test_outside_a_notebook_the_alternative_text_is_printed_and_the_figure_closed(capsys):
    made, axis = plots.figure("A line rises")
    axis.plot([0, 1])
    plots.show(made, alt="a rising line")
    assert "a rising line" in capsys.readouterr().out
    assert plt.get_fignums() == []


def test_every_helper_draws_and_closes(capsys):
    plots.curves({"a": [1, 2], "b": ([1, 3], [2, 1])}, "t", "x", "y", alt="curves", logy=True)
    plots.images(np.zeros((12, 4, 4)), [str(i) for i in range(12)], "t", alt="grid")
    plots.images(np.ones((1, 4, 4)), None, "t", alt="one", symmetric=True)
    plots.heatmap([[1, 2], [3, np.nan]], "t", "x", "y", alt="map", xticks=[0, 1], yticks="ab")
    made, axis = plots.figure("regions")
    plots.regions(axis, lambda p: p[:, 0] > 0, (-1, 1), (-1, 1))
    plots.points(axis, np.array([[0, 0], [1, 1]]), np.array([0, 1]))
    plots.show(made, alt="regions")
    assert capsys.readouterr().out.count("[figure: ") == 5
    assert plt.get_fignums() == []


def test_regions_of_a_constant_classifier_draw_no_border():
    _, axis = plots.figure("constant")
    plots.regions(axis, lambda p: np.zeros(len(p)), (-1, 1), (-1, 1))
    plt.close("all")


def test_needs_waits_for_a_task_but_hides_no_other_error(capsys):
    with plots.needs("forward", "cost"):
        raise NotImplementedError
    assert "`forward` and `cost`" in capsys.readouterr().out
    with pytest.raises(ZeroDivisionError), plots.needs("forward"):
        1 / 0  # noqa: B018


@pytest.mark.slow
def test_in_a_notebook_the_picture_has_escaped_alternative_text():
    source = (
        "from nnkit import plots\nmade, axis = plots.figure('t')\n"
        "plots.show(made, alt='a \"quoted\" <line>')"
    )
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    [output] = NotebookClient(book, kernel_name="python3").execute().cells[0].outputs
    assert 'alt="a &quot;quoted&quot; &lt;line&gt;"' in output.data["text/html"]
    assert "data:image/png;base64," in output.data["text/html"]


def test_figures_can_be_turned_off(monkeypatch, capsys):
    def draw(*args, **kwargs):
        raise AssertionError("it was drawn")

    monkeypatch.setenv("NNKIT_FIGURES", "off")
    monkeypatch.setattr(plt.Figure, "savefig", draw)
    plots.curves({"a": [1, 2]}, "t", "x", "y", alt="not drawn")
    assert "not drawn" in capsys.readouterr().out
