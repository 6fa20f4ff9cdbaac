"""The allow-list of what a candidate may read."""

import sys
from pathlib import Path

import numpy
import pytest

import nnkit
from autograder.exam.sandbox import SandboxError, View, allow_list, default_view
from tests.support.sandbox_lab import COURSE


@pytest.mark.parametrize(
    "place",
    [
        COURSE,
        COURSE / "solutions",
        COURSE / "autograder",
        COURSE / "gradebook.db",
        COURSE / "submitted",
        Path.home(),
        Path("/tmp"),
        Path("/srv/nbgrader/exchange"),
        Path("/usr/local/share/nbgrader/exchange"),
        Path("/etc/shadow"),
        Path("/var"),
        Path("/run"),
    ],
)
def test_secrets_are_hidden(place):
    assert default_view().exposes(place) is None


@pytest.mark.parametrize(
    "place",
    [
        numpy.__file__,
        nnkit.__file__,
        sys.executable,
        Path(nnkit.__file__).parent / "data" / "digits.npz",
    ],
)
def test_what_a_notebook_needs_is_readable(place):
    assert default_view().exposes(Path(place)) is not None


def test_a_link_covers_nothing(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    paths = [tmp_path / "link", tmp_path / "link" / "below", tmp_path / "real" / "below"]
    assert allow_list._without_nested(paths) == tuple(sorted(paths))
    assert allow_list._without_nested([tmp_path, *paths]) == (tmp_path,)


def test_exposes_follows_links(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    view = View((tmp_path / "real",))
    assert view.exposes(tmp_path / "link" / "x") == tmp_path / "real"
    assert view.exposes(tmp_path / "other") is None


def test_a_missing_package_is_named():
    with pytest.raises(SandboxError, match="no_such_package"):
        allow_list._package("no_such_package")
