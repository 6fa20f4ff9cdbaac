"""What is wrong with a settings file is said in sentences that name the entry."""

from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, Field, Strict

from autograder.settings_file import Section, SettingsError, check, read


def _even(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd.")
    return number


class Part(Section):
    size: int = Field(description="a size, as in size = 3")
    even: Annotated[int, AfterValidator(_even)] = 0
    words: Annotated[tuple[str, ...], Strict(False)] = ()


class Whole(Section):
    kind: Literal["round", "square"] = "round"
    ratio: Annotated[float, Field(gt=0)] = 1.0
    on: bool = True
    names: list[str] = Field([])
    parts: dict[str, Part] = Field({})
    secret: str = Field("", alias="password")


def faults(table: object, **more: str) -> list[str]:
    with pytest.raises(SettingsError) as found:
        check(table, Whole, "here", hint="see the manual", **more)
    lines = str(found.value).splitlines()
    assert all(line.startswith("here: ") for line in lines)
    return [line.removeprefix("here: ") for line in lines]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"kind": "flat"}, "kind is 'flat': it may be round, square."),
        ({"ratio": 0}, "ratio must be more than 0, not 0."),
        ({"ratio": "1"}, "ratio must be a number, not '1'."),
        ({"ratio": True}, "ratio must be a number, not True."),
        ({"ratio": float("nan")}, "ratio must be a finite number, not nan."),
        ({"on": 1}, "on must be true or false, not 1."),
        ({"on": "no"}, "on must be true or false, not 'no'."),
        ({"names": "ada"}, "names must be a list of texts, not 'ada'."),
        ({"names": ["ada", 7]}, "names must be a list of texts; put quotation marks around 7."),
        ({"password": 7}, "password must be a text, not 7: put quotation marks around it."),
        ({"parts": []}, "parts must be a table, not []."),
        ({"parts": {"a": 1}}, "parts.a must have the entries size, even, words; it is 1."),
        ({"parts": {"a": {"size": "3"}}}, "parts.a.size must be a whole number, not '3'."),
        ({"parts": {"a": {"size": 3, "even": 5}}}, "parts.a.even: 5 is odd."),
        (
            {"parts": {"a": {"size": 3, "siz": 4}}},
            "[parts.a] has the unknown entry siz. Did you mean size? "
            "It may have size, even, words.",
        ),
        (
            {"parts": {"a": {"words": "b"}}},
            "parts.a.size is missing: [parts.a] needs a size, as in size = 3; see the manual.",
        ),
        (
            {"secret": "x"},  # the file's name for it counts
            "the file has the unknown entry secret. "
            "It may have kind, ratio, on, names, parts, password.",
        ),
        (7, "the file must have the entries kind, ratio, on, names, parts, password; it is 7."),
    ],
)
def test_each_kind_of_fault_is_one_sentence(table, said):
    assert said in faults(table)


def test_all_faults_are_said_at_once():
    table = {"kind": "flat", "parts": {"a": {"even": 1}, "b": None}, "colour": {"x": 1}}
    entries = [line.split()[0] for line in faults(table)]
    assert entries == ["kind", "parts.a.size", "parts.a.even:", "parts.b.size", "the"]


def test_a_fault_that_has_no_sentence_of_its_own_names_the_entry_too():
    (said,) = faults({"parts": {"a": {"size": 1, 7: "x"}}})
    assert said.startswith("parts.a cannot be 7: ")


def test_entries_of_a_table_in_a_file_are_named_as_in_the_file():
    assert faults({"on": 1}, root="hub.look") == ["hub.look.on must be true or false, not 1."]
    assert faults({"of": 1}, root="hub.look")[0].startswith("[hub.look] has the unknown entry of. ")


def test_what_is_right_is_read_and_kept_as_it_is():
    parts = {"a": {"size": 3, "words": ["x"]}, "b": {"size": 1, "even": None}}
    found = check({"ratio": 2, "parts": parts, "password": "p"}, Whole, hint="")
    assert (found.ratio, found.secret, found.parts["a"].words) == (2.0, "p", ("x",))
    assert found.parts["b"] == Part(size=1)


@pytest.mark.parametrize("empty", ["", "https://", [], None])
def test_what_is_needed_and_empty_counts_as_missing(empty):
    (said,) = faults({"parts": {"a": {"size": empty}}})
    assert said.startswith("parts.a.size is missing")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "cannot be read"),
        (b"[a", "is not TOML"),
        (b"a = '\xff'", "is not TOML"),
        (b"a = " + b"[" * 10_000, "is not TOML"),
        (b"a = " + b"1" * 10_000, "is not TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, data, said):
    path = tmp_path / "x.toml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SettingsError, match=rf"x\.toml {said}"):
        read(path)
