"""The settings of the connection to an LMS: a small TOML file without a secret in it."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.exports.sheet import ABSENT_AS
from autograder.lti import addresses

#: Where the settings are looked for in the course folder.
DEFAULT = Path("lti", "settings.toml")

_HELP = "docs/lti.md says where the LMS shows it"
_KINDS = {str: "a text in quotes", bool: "true or false", list: "a list of texts", dict: "a table"}

#: The first settings of a course, for a person to fill in.
TEMPLATE = """\
# The connection to the LMS; docs/lti.md says where it shows these. Nothing here is secret.
client_id = ""
token_url = "https://"
line_items_url = "https://"

# Who is who: the LMS's own list of members, or a file that it exports, or both.
# memberships_url = "https://"
# roster = "roster.csv"

# What stands for nothing handed in: "blank" sends nothing, "zero" sends 0.
# absent = "blank"

# A comment with the score of each task.
# comments = false
"""


@dataclass(frozen=True)
class Topic:
    """What the LMS calls a topic: the label of its column, or the address of its line item."""

    label: str = ""
    line_item: str = ""


@dataclass(frozen=True)
class Settings:
    """The settings as they were read.

    Attributes
    ----------
    path
        The file; the others' names are those in it.
    issuer
        The platform's name for itself, shown in messages.
    audience
        What the platform calls its token service, where that is not the address.
    user_column
        The roster's column with the LMS's own ids.
    hosts
        Further hosts of the platform's, on which its line items may be.
    """

    path: Path
    client_id: str
    token_url: str
    line_items_url: str
    issuer: str = ""
    audience: str = ""
    key_file: str = "key.pem"
    memberships_url: str = ""
    roster: str = ""
    match: str = ""
    user_column: str = ""
    absent: str = "blank"
    comments: bool = False
    create_line_items: bool = True
    hosts: list[str] = field(default_factory=list)
    topics: dict[str, Topic] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """Return a file that the settings name, seen from their folder."""
        return self.path.parent / Path(name).expanduser()

    @property
    def platform(self) -> str:
        """The platform in messages."""
        return self.issuer or addresses.origin(self.line_items_url)

    def origins(self) -> set[str]:
        """Return what a token may be shown to."""
        known = {self.line_items_url, self.memberships_url or self.line_items_url}
        known |= {topic.line_item for topic in self.topics.values() if topic.line_item}
        known |= {f"https://{host}" for host in self.hosts}
        return {addresses.origin(url) for url in known}


def read(path: Path) -> Settings:
    """Read the settings.

    Raises
    ------
    AutograderError
        If the file cannot be read, or something in it is missing, unknown or not possible.
    """
    return _checked(Settings(path, **_values(path, _parsed(path))))


def key_file(path: Path) -> Path:
    """Return where the key is, whether or not the other settings are complete.

    Raises
    ------
    AutograderError
        If the file cannot be read.
    """
    name = _parsed(path).get("key_file", Settings.key_file)
    _of_kind(f"{path}: key_file", name, str)
    return path.parent / Path(name).expanduser()


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AutograderError(
            f"There are no settings {path}. Begin with: autograder lti keys"
        ) from error
    except OSError as error:
        raise AutograderError(f"The settings {path} cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AutograderError(f"{path} is no TOML: {error}.") from error


def _values(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """Return what the file says, each of its kind."""
    known = {entry.name: entry for entry in fields(Settings) if entry.name != "path"}
    for name, value in found.items():
        if name not in known:
            raise AutograderError(f"{path}: there is no setting {name}.{_near(name, known)}")
        _of_kind(f"{path}: {name}", value, _kind(known[name]))
    for name, entry in known.items():
        if _needed(entry) and found.get(name, "") in ("", "https://"):
            raise AutograderError(f"{path}: {name} is missing; {_HELP}.")
    topics = {name: _topic(path, name, value) for name, value in found.get("topics", {}).items()}
    return {**found, "topics": topics}


def _needed(entry: Any) -> bool:
    return entry.default is MISSING and entry.default_factory is MISSING


def _kind(entry: Any) -> type:
    if entry.default_factory is not MISSING:
        return entry.default_factory
    return str if _needed(entry) else type(entry.default)


def _of_kind(where: str, value: Any, kind: type) -> None:
    texts = not isinstance(value, list) or all(isinstance(one, str) for one in value)
    if not isinstance(value, kind) or not texts:
        raise AutograderError(f"{where} must be {_KINDS[kind]}, not {value!r}.")


def _topic(path: Path, name: str, value: Any) -> Topic:
    where = f"{path}: topics.{name}"
    _of_kind(where, value, dict)
    known = [entry.name for entry in fields(Topic)]
    for key, text in value.items():
        if key not in known:
            raise AutograderError(f"{where}: there is no setting {key}.{_near(key, known)}")
        _of_kind(f"{where}.{key}", text, str)
    return Topic(**value)


def _near(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."


def _checked(settings: Settings) -> Settings:
    """Check what the settings say against each other."""
    path = settings.path
    for name in ("token_url", "line_items_url", "memberships_url"):
        if url := getattr(settings, name):
            addresses.checked(url, f"{path}: {name}")
    for name, topic in settings.topics.items():
        if topic.line_item:
            addresses.checked(topic.line_item, f"{path}: topics.{name}.line_item")
    for host in settings.hosts:
        addresses.checked(f"https://{host}", f"{path}: hosts")
    if settings.absent not in ABSENT_AS:
        raise AutograderError(f"{path}: absent is {' or '.join(ABSENT_AS)}.")
    if not settings.memberships_url and not settings.roster:
        raise AutograderError(
            f"{path}: memberships_url or roster is missing, to know who is who; {_HELP}."
        )
    for name in ("match", "user_column"):
        if getattr(settings, name) and not settings.roster:
            raise AutograderError(f"{path}: {name} is for a roster; name its file with roster.")
    return settings
