"""Dates are read in one way or refused with a question; no content of a file stops the rest."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from autograder.course import dates
from autograder.errors import AutograderError

HOME = (ZoneInfo("Europe/Berlin"),)


@pytest.mark.parametrize(
    ("text", "utc"),
    {
        "2027-03-01 23:59 UTC": "2027-03-01 23:59",
        "2027-03-01 23:59": "2027-03-01 22:59",
        "2027-07-01 23:59": "2027-07-01 21:59",
        "2027-03-02T09:00:00Z": "2027-03-02 09:00",
        "2027-03-01 23:59 +0100": "2027-03-01 22:59",
        "2027-03-01 23:59 America/New_York": "2027-03-02 04:59",
        "2027-07-01 23:59 CEST": "2027-07-01 21:59",
        "2027-10-31 02:30 CEST": "2027-10-31 00:30",
        "1 March 2027 23:59": "2027-03-01 22:59",
        "13.03.2027 10:00": "2027-03-13 09:00",
        "2027/03/02 10:00": "2027-03-02 09:00",
    }.items(),
)
def test_one_reading(text: str, utc: str) -> None:
    assert dates.moment(text, HOME) == datetime.datetime.fromisoformat(utc)


def test_a_day_without_a_time_may_be_meant_to_its_end() -> None:
    assert dates.moment("2027-03-01", (datetime.UTC,)) == datetime.datetime(2027, 3, 1)
    end = dates.moment("2027-03-01", (datetime.UTC,), day_ends=True)
    assert end == datetime.datetime(2027, 3, 1, 23, 59, 59)


@pytest.mark.parametrize(
    ("text", "said"),
    {
        "02.03.2027": ["3 February 2027", "2 March 2027"],
        "02/03/2027 10:00": ["3 February 2027", "2 March 2027"],
        "01.02.03": ["3 February 2001", "1 February 2003"],
        "2027-10-31 02:30": ["02:30+0200", "02:30+0100"],
        "2027-03-01 23:59 GMT+3": ["+03:00"],
    }.items(),
)
def test_two_readings_are_asked_back(text: str, said: list[str]) -> None:
    with pytest.raises(dates.TwoReadings) as caught:
        dates.moment(text, HOME)
    assert all(part in str(caught.value) for part in said)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "Friday", "1 March", "23:59", "2027-02-30", "2027-03-28 02:30", "\0\0"),
        *("9" * 300, "2027-03-01 23:59 MEZ", "9999-12-31 23:59 -1200", "2027-03-01 23:59 A/B"),
    ],
)
def test_no_date_is_an_error_and_no_crash(text: str) -> None:
    with pytest.raises(AutograderError):
        dates.moment(text, HOME)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_any_unicode_file_is_text(encoding: str) -> None:
    assert dates.decode("2027-03-01 é\r\n".encode(encoding)) == "2027-03-01 é"


def test_what_is_no_text_is_said() -> None:
    with pytest.raises(dates.NoDate):
        dates.decode(b"\xff\xff\x81")
