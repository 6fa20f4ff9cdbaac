"""Parse a date and time as people write it; an ambiguous one is an error."""

from __future__ import annotations

import codecs
import datetime
import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import parser, tz

from autograder.errors import AutograderError

HOW = "write it as 2027-03-01 23:59"
_YEAR_FIRST = re.compile(r"\d{4}\s*[-/.]|\d{8}\b")
_NAMED_ZONE = re.compile(r"\s((?:[A-Za-z_]+/)+[A-Za-z0-9_+-]+)$")
_SIGNED_ZONE = re.compile(r"\b(?:GMT|UTC) ?([+-]) ?(\d{1,2})")
_ORDERS = ((False, False), (True, False), (False, True), (True, True))
# Two defaults that differ in every part: a part that the text omits differs between the results.
_DEFAULTS = (datetime.datetime(2000, 1, 3, 0, 0), datetime.datetime(2002, 2, 5, 1, 0))
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NoDate(AutograderError):
    """A text is not a complete date."""


class TwoReadings(NoDate):
    """A date is ambiguous; the message names all readings."""


def zone(name: str) -> datetime.tzinfo:
    """Return a time zone by its name, "Europe/Berlin".

    Raises
    ------
    AutograderError
        If there is no zone of this name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise AutograderError(
            f"There is no time zone {name!r}: write UTC, or a place such as Europe/Berlin."
        ) from None


def moment(
    text: str, home: Iterable[datetime.tzinfo], *, day_ends: bool = False
) -> datetime.datetime:
    """Return the time that a text names, in UTC without a zone, as nbgrader stores it.

    Parameters
    ----------
    text
        A date, with or without a time and a zone.
    home
        Time zones: the first is the default if the text names none; an abbreviation such as CEST
        is looked up in all of them.
    day_ends
        Whether a date without a time means its last second; else it means its first.

    Raises
    ------
    TwoReadings
        If it is ambiguous: the order of day and month, or an hour that a clock shows twice.
    NoDate
        If it is not a complete date, or names an unknown zone.
    """
    zones = tuple(home)
    text = " ".join(text.split())
    if found := _SIGNED_ZONE.search(text):
        # Most people mean hours ahead of UTC, but POSIX and dateutil mean hours behind it.
        raise TwoReadings(f"{text!r}: write {found[1]}{found[2]:0>2}:00 in place of {found[0]}")
    written, named = _split(text)
    readings = {_read(written, order, zones, day_ends): order for order in _orders(written)}
    if len(readings) > 1:
        shown = " or ".join(f"{when.day} {when:%B %Y}" for when in sorted(readings, key=_plain))
        raise TwoReadings(f"{text!r} can be read as {shown}: {HOW}")
    (found,) = readings
    return _in_utc(found if found.tzinfo else found.replace(tzinfo=named or zones[0]), text)


def decode(data: bytes) -> str:
    """Return the text of a small file in any Unicode encoding, with or without a byte-order mark.

    Raises
    ------
    NoDate
        If it is not text.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if not encoding:
        wide = data[1:2] == b"\0" or data[:1] == b"\0"
        encoding = ("utf-16-be" if data[:1] == b"\0" else "utf-16-le") if wide else "utf-8"
    try:
        return data.decode(encoding).strip().strip("\0").strip()
    except UnicodeDecodeError:
        raise NoDate("it is not text") from None


def _split(text: str) -> tuple[str, datetime.tzinfo | None]:
    """Split the name of a zone, such as Europe/Berlin, from the end of a text."""
    if found := _NAMED_ZONE.search(text):
        return text[: found.start()], zone(found[1])
    return text, None


def _orders(text: str) -> tuple[tuple[bool, bool], ...]:
    """Return the orders of day, month and year to try; after a year comes the month."""
    return _ORDERS[:1] if _YEAR_FIRST.match(text) else _ORDERS


def _read(
    text: str, order: tuple[bool, bool], zones: tuple[datetime.tzinfo, ...], day_ends: bool
) -> datetime.datetime:
    def known(name: str | None, offset: int | None) -> datetime.tzinfo | None:
        if offset is not None:
            return datetime.timezone(datetime.timedelta(seconds=offset))
        return None if name is None else _abbreviated(name, text, zones)

    first, second = (
        _parse(text, default, dayfirst=order[0], yearfirst=order[1], tzinfos=known)
        for default in _DEFAULTS
    )
    if first.date() != second.date():
        raise NoDate(f"{text!r} is not a whole date: {HOW}")
    if first.hour != second.hour:
        return first.replace(hour=23, minute=59, second=59) if day_ends else first
    return first


def _parse(text: str, default: datetime.datetime, **how: object) -> datetime.datetime:
    try:
        return parser.parse(text, default=default, **how)
    except AutograderError:
        raise
    except Exception:  # dateutil raises many kinds of errors for invalid text
        raise NoDate(f"{text!r} is not a date: {HOW}") from None


def _abbreviated(name: str, text: str, zones: tuple[datetime.tzinfo, ...]) -> datetime.timezone:
    """Return the offset of an abbreviation in the given zones or in the system's zone."""
    own = tz.gettz(name)
    for each in (*zones, *([own] if own else [])):
        for month in (1, 7):
            shown = datetime.datetime(2026, month, 15, tzinfo=each)
            if shown.tzname() == name:
                return datetime.timezone(shown.utcoffset() or datetime.timedelta())
    raise NoDate(f"{text!r} names the time zone {name!r}, which is not known: write +01:00, say")


def _in_utc(when: datetime.datetime, text: str) -> datetime.datetime:
    try:
        if not tz.datetime_exists(when):
            raise NoDate(f"{text!r} is an hour that clocks skip on that day: write another")
        if tz.datetime_ambiguous(when):
            both = " or ".join(when.replace(fold=fold).strftime("%H:%M%z") for fold in (0, 1))
            raise TwoReadings(f"{text!r} occurs twice on that day, {both}: write one of the two")
        return when.astimezone(datetime.UTC).replace(tzinfo=None)
    except (OverflowError, ValueError):
        raise NoDate(f"{text!r} is not a date: {HOW}") from None


def _plain(when: datetime.datetime) -> datetime.datetime:
    return when.replace(tzinfo=None)
