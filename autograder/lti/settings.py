"""The settings of the connection to an LMS: a small TOML file without secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, model_validator

from autograder import settings_file
from autograder.errors import AutograderError
from autograder.exports.sheet import ABSENT_AS
from autograder.lti import addresses
from autograder.settings_file import Section, SettingsError

#: The settings file in the course folder.
DEFAULT = Path("lti", "settings.toml")

_HELP = "docs/lti.md says where the LMS shows it"

#: The first settings of a course, for the instructor to fill in.
TEMPLATE = """\
# The connection to the LMS; docs/lti.md says where to find these values. Nothing here is secret.
client_id = ""
token_url = "https://"
line_items_url = "https://"

# The LMS's ids of the students: its own list of members, or a file that it exports, or both.
# memberships_url = "https://"
# roster = "roster.csv"

# A student who handed in nothing: "blank" sends nothing, "zero" sends 0.
# absent = "blank"

# Add a comment with the score of each task.
# comments = false
"""


def _address(url: str) -> str:
    if url and (fault := addresses.fault(url)):
        raise ValueError(fault)
    return url


def _host(host: str) -> str:
    _address(f"https://{host}")
    return host


Place = TypeVar("Place", bound="KeyPlace")
Address = Annotated[str, AfterValidator(_address)]


class Topic(Section):
    """A topic's column in the LMS: its label, or the address of its line item."""

    label: str = ""
    line_item: Address = ""


class KeyPlace(Section, extra="ignore"):
    """The path of the key; it can be read before the other settings are complete."""

    key_file: str = "key.pem"
    _path: Path = DEFAULT

    @property
    def path(self) -> Path:
        """The file that the settings were read from."""
        return self._path

    @property
    def key_path(self) -> Path:
        """The file with the key."""
        return self.file(self.key_file)

    def file(self, name: str) -> Path:
        """Return a file that the settings name, relative to their folder."""
        return self.path.parent / Path(name).expanduser()


class Settings(KeyPlace, extra="forbid"):
    """All settings.

    Attributes
    ----------
    issuer
        The platform's name in messages.
        audience
        The platform's name of its token service, if it is not the address.
    user_column
        The roster's column with the LMS's own ids.
    hosts
        Further hosts of the platform that may have line items.
    """

    client_id: str
    token_url: Address
    line_items_url: Address
    issuer: str = ""
    audience: str = ""
    memberships_url: Address = ""
    roster: str = ""
    match: str = ""
    user_column: str = ""
    absent: str = "blank"
    comments: bool = False
    create_line_items: bool = True
    hosts: list[Annotated[str, AfterValidator(_host)]] = Field([])
    topics: dict[str, Topic] = Field({})

    @property
    def platform(self) -> str:
        """The platform's name in messages."""
        return self.issuer or addresses.origin(self.line_items_url)

    def origins(self) -> set[str]:
        """Return the origins (scheme, host, port) that a token may be sent to."""
        known = {self.line_items_url, self.memberships_url or self.line_items_url}
        known |= {topic.line_item for topic in self.topics.values() if topic.line_item}
        known |= {f"https://{host}" for host in self.hosts}
        return {addresses.origin(url) for url in known}

    @model_validator(mode="after")
    def _fit_together(self) -> Settings:
        if self.absent not in ABSENT_AS:
            raise ValueError(f"absent is {' or '.join(ABSENT_AS)}, not {self.absent!r}.")
        if not self.memberships_url and not self.roster:
            raise ValueError(f"memberships_url or roster is missing, to find students; {_HELP}.")
        for name in ("match", "user_column"):
            if getattr(self, name) and not self.roster:
                raise ValueError(f"{name} is for a roster; name its file with roster.")
        return self


def read(path: Path, kind: type[Place] = Settings) -> Place:
    """Read the settings, or only the path of the key.

    Raises
    ------
    AutograderError
        If the file cannot be read, or an entry is missing, unknown or invalid.
    """
    if not path.exists():
        raise AutograderError(f"There are no settings {path}. Begin with: autograder lti keys")
    try:
        found = settings_file.check(settings_file.read(path), kind, f"{path}", hint=_HELP)
    except SettingsError as error:
        raise AutograderError(str(error)) from error
    found._path = path
    return found
