"""Words: prose of the project does not use what the glossary retires."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from autograder import cli
from tests.support import prose

ROOT = prose.ROOT
WORDS = prose.retired()
# What is read where; texts of topics are not yet.
AREAS = {
    "docs": ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md"),
    "settings": ("Makefile", "nbgrader_config.py"),
    "nnkit": ("nnkit/*.py",),
    "autograder": ("autograder/*.py", "autograder/*.j2"),
    "deploy": ("deploy/*.py", "deploy/*.html", "deploy/*.yaml", "deploy/*.toml"),
    "tools": ("tools/*.py",),
    "benchmarks": ("benchmarks/*.py", "datasets/*.py"),
    "tests": ("tests/*.py",),
}


def files(area: str) -> list[Path]:
    """Return the files of an area that are in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--", *AREAS[area]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split()]


def helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """Yield the help texts of a command, its options and its subcommands, with its name."""
    yield (
        name,
        "\n".join(
            filter(
                None,
                [command.help, command.epilog, *(getattr(p, "help", "") for p in command.params)],
            )
        ),
    )
    for each in getattr(command, "commands", {}).values():
        yield from helps(each, f"{name} {each.name}")


def says(found: list[prose.Found], place: object) -> list[str]:
    return [f"{place}:{line}: “{word}”: write {instead}" for line, word, instead in found]


@pytest.mark.parametrize("area", AREAS)
def test_prose_has_no_retired_word(area: str) -> None:
    paths = files(area)
    assert paths
    used = [
        line
        for path in paths
        for line in says(prose.find(prose.of_file(path), WORDS), path.relative_to(ROOT))
    ]
    assert not used, "\n".join(["retired words (docs/glossary.md):", *used])


def test_help_has_no_retired_word() -> None:
    texts = dict(helps(typer.main.get_command(cli.app), "autograder"))
    assert "autograder grade" in texts
    used = [
        line
        for name, text in texts.items()
        for line in says(prose.find([prose.whole(text)], WORDS), f"{name} --help")
    ]
    assert not used, "\n".join(["retired words (docs/glossary.md):", *used])


@pytest.mark.parametrize("word", WORDS)
def test_each_retired_word_is_found_and_has_another(word: str) -> None:
    for plain in (word.replace("*", "ed"), word.capitalize().replace("*", "")):
        found = prose.find([prose.Text(f"One line.\nIt says: {plain}, here.", [7, 8])], WORDS)
        assert (8, plain) in [(line, at) for line, at, _ in found]
        assert all(instead.strip() for _, _, instead in found)


@pytest.mark.parametrize(
    ("source", "line", "word"),
    [
        ('"""One line.\n\nIt mends this."""', 3, "mends"),
        ('def f():\n    """Return it anew."""', 2, "anew"),
        ("x = 1  # the bug\n# is mended", 2, "mended"),
        ("# It says what came\n# of it.", 1, "came of"),
        ('raise E(f"{count} files lie beside it")', 1, "beside"),
        ('say(\n    "One part, "\n    f"{name}: mend "\n    "it."\n)', 3, "mend"),
        ('say(\n    "This is what came "\n    "of it."\n)', 2, "came of"),
        ("""f(f"{g('Mend it first.')} and so on")""", 1, "Mend"),
    ],
)
def test_a_retired_word_is_found_with_its_line(source: str, line: int, word: str) -> None:
    found = prose.find(prose.of_python(source), WORDS)
    assert (line, word) in [(at, written) for at, written, _ in found]


@pytest.mark.parametrize(
    "source",
    [
        "anew = mend(beside)",
        'kind = {"mended": "anew"}["whatever"]',
        '"""Besides, we recommend to amend it."""',
        'say(f"the count is {mended}")',
        "# a gradient (slope), and the share of the class",
    ],
)
def test_a_name_or_another_word_is_no_finding(source: str) -> None:
    assert prose.find(prose.of_python(source), WORDS) == []


def test_a_word_on_a_later_line_of_a_help_has_its_line() -> None:
    found = prose.find([prose.whole("Show it.\n\nThen mend it.")], WORDS)
    assert says(found, "x --help") == ["x --help:3: “mend”: write fix"]


def test_the_samples_of_a_test_are_no_prose() -> None:
    source = 'def test():\n    """Fix it anew."""\n    assert f("mend it") == f"mend {x} anew"'
    found = prose.find(prose.of_python(source, literals=False), WORDS)
    assert [(line, word) for line, word, _ in found] == [(2, "anew")]


def test_the_glossary_is_read_up_to_its_table() -> None:
    whole = prose.GLOSSARY.read_text("utf-8")
    (text,) = prose.of_file(prose.GLOSSARY)
    assert "anew" in whole.partition(prose.TABLE)[2]
    assert "anew" not in text.text
