"""The parts of the connection to an LMS: addresses, settings, keys, notes, and who wins."""

import base64
import ipaddress
import json
import os
import re
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import FileIO
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from autograder.errors import AutograderError
from autograder.lti import addresses, keys, ledger, platform, services, settings, transport
from autograder.lti.ledger import Sent
from autograder.lti.policy import NOTE, SAME, SEND, Score, decide
from autograder.lti.services import There
from autograder.lti.transport import Answer, PlatformError, Transport
from tests.support.lti_platform import Standin
from tests.support.lti_serving import Fault, serving

NEEDED = """
client_id = "1"
token_url = "https://lms.edu/token"
line_items_url = "https://lms.edu/items?type_id=1"
roster = "roster.csv"
"""
SENT = Sent(
    "https://lms.edu/items/1", "101", "ana", 6.0, 8.0, True, "", "2026-01-01T00:00:00+00:00"
)


# Addresses


@pytest.mark.parametrize(
    "url",
    ["https://lms.edu/x", "http://localhost:8000/x", "http://127.0.0.9/x", "http://[::1]:80/x"],
)
def test_addresses_that_may_be_called(url: str) -> None:
    assert addresses.checked(url, "here") == url


@pytest.mark.parametrize(
    "url",
    [
        "http://lms.edu/x",
        "http://127.0.0.1.evil.edu/x",
        "http://0.0.0.0/x",
        "https://user:word@lms.edu/x",
        "https://",
        "https://[::1/x",
        "https://lms.edu:port/x",
        "ftp://lms.edu/x",
        "file:///etc/passwd",
        "lms.edu/x",
        "https://lms.edu/a b",
        "https://lms.edu/a\r\nX: y",
        "",
    ],
)
def test_addresses_that_may_not(url: str) -> None:
    with pytest.raises(AutograderError, match="here"):
        addresses.checked(url, "here")


def test_the_query_of_a_line_item_stays() -> None:
    url = "https://lms.edu/17/lineitem?type_id=1"
    assert addresses.below(url, "scores") == "https://lms.edu/17/lineitem/scores?type_id=1"
    assert addresses.below("https://lms.edu/17/", "scores") == "https://lms.edu/17/scores"
    assert addresses.asking(url, limit="9") == "https://lms.edu/17/lineitem?type_id=1&limit=9"


def test_an_origin_has_its_port() -> None:
    assert addresses.origin("https://lms.edu/a") == addresses.origin("https://LMS.edu:443/b")
    assert addresses.origin("https://lms.edu/a") != addresses.origin("https://lms.edu:8443/a")
    assert addresses.origin("https://lms.edu/a") != addresses.origin("http://lms.edu/a")


# Settings


def read(folder: Path, text: str) -> settings.Settings:
    (folder / "settings.toml").write_text(text, encoding="utf-8")
    return settings.read(folder / "settings.toml")


def test_settings_are_read(tmp_path: Path) -> None:
    more = 'hosts = ["files.lms.edu"]\n[topics.05-backprop]\nlabel = "Homework 5"\n'
    found = read(tmp_path, NEEDED + more)
    assert found.topics["05-backprop"].label == "Homework 5"
    assert found.file(found.roster) == tmp_path / "roster.csv"
    assert found.origins() == {"https://lms.edu:443", "https://files.lms.edu:443"}
    assert found.absent == "blank"
    assert not found.comments


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("client_id", "clientid"), "Did you mean client_id"),
        (('client_id = "1"', 'client_id = ""'), "client_id is missing"),
        (('client_id = "1"', "client_id = 1"), "client_id must be a text"),
        (("https://lms.edu/token", "http://lms.edu/token"), "not encrypted"),
        (("https://lms.edu/items", "https://"), "line_items_url"),
        (('roster = "roster.csv"', ""), "memberships_url or roster is missing"),
        (('roster = "roster.csv"', 'memberships_url = "https://x"\nmatch = "a"'), "match is for"),
        (("roster =", 'absent = "ten"\nroster ='), "absent is zero or blank"),
        (("roster =", 'comments = "yes"\nroster ='), "comments must be true or false"),
        (("roster =", "hosts = [1]\nroster ="), "hosts must be a list of texts"),
        (("roster =", 'hosts = ["a/b c"]\nroster ='), "hosts"),
        (("roster =", "topics = 1\nroster ="), "topics must be a table"),
        (('"roster.csv"', '"r"\n[topics.a]\nlable = "x"'), "Did you mean label"),
        (('"roster.csv"', '"r"\n[topics.a]\nline_item = "http://lms.edu"'), "topics.a.line_item"),
        (('"roster.csv"', '"r'), "is not TOML"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    text = NEEDED.replace(*change, 1)
    assert text != NEEDED
    with pytest.raises(AutograderError, match=r"settings\.toml") as error:
        read(tmp_path, text)
    assert said in str(error.value)


def test_the_template_lacks_only_what_a_person_must_say(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="client_id is missing"):
        read(tmp_path, settings.TEMPLATE)
    text = settings.TEMPLATE.replace('id = ""', 'id = "1"').replace("# ", "")
    text = text.replace('"https://"', '"https://lms.edu/x"')
    kept = [line for line in text.splitlines() if " = " in line]
    found = read(tmp_path, "\n".join(kept))
    assert found.memberships_url == "https://lms.edu/x"


# Keys


def test_a_key_is_its_owners_alone_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key.pem"
    made = keys.make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert keys.read(path).jwk() == made.jwk()
    before = path.read_bytes()
    with pytest.raises(AutograderError, match="already"):
        keys.make(path)
    assert path.read_bytes() == before
    assert "d" not in made.jwk()
    assert repr(made.private) not in repr(made)


def test_the_id_of_a_key_is_that_of_rfc_7638(tmp_path: Path) -> None:
    """The example of RFC 7638, section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_B"
        "JECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F"
        "DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4"
        "vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    number = int.from_bytes(base64.urlsafe_b64decode(modulus + "=="), "big")
    public = rsa.RSAPublicNumbers(65537, number).public_key()
    assert keys.thumbprint(public) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def _pem(key: object, word: bytes | None = None) -> bytes:
    lock = serialization.BestAvailableEncryption(word) if word else serialization.NoEncryption()
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, lock)


def test_keys_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for data, said in [
        (None, "There is no key"),
        (b"hello", "not a private key in PEM"),
        (_pem(short, b"word"), "without a password"),
        (_pem(short), "2048 bits"),
        (_pem(ec.generate_private_key(ec.SECP256R1())), "not an RSA key"),
    ]:
        if data is not None:
            path.write_bytes(data)
            path.chmod(0o600)
        with pytest.raises(AutograderError, match=said):
            keys.read(path)


# Notes


def test_notes_are_read_back_and_broken_lines_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    with ledger.opened(path) as book:
        book.add(SENT)
        book.add(Sent(*[*vars(SENT).values()][:3], 7.0, 8.0, True, "ü", "2026-01-02"))
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text(encoding="utf-8")
    odd = text.splitlines()[-1].replace('"maximum": 8.0', '"maximum": 0')
    path.write_bytes(b"\xff\n[1]\n{}\n" + f"{text}{odd}\n{odd[:40]}".encode())
    with ledger.opened(path) as book:
        assert book.last(SENT.item, "101").given == 7.0
        book.add(SENT)
    assert ledger.load(path).last(SENT.item, "101") == SENT
    assert ledger.load(path).last(SENT.item, "102") is None


def test_a_full_disk_says_who_is_in_the_lms_already(tmp_path: Path) -> None:
    with FileIO("/dev/full", "w") as full:
        book = ledger.Ledger(tmp_path / "sent.jsonl", full, {})
        with pytest.raises(AutograderError, match="The LMS has the score of ana now"):
            book.add(SENT)


def test_notes_that_cannot_be_kept_stop_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "sent.jsonl").mkdir()
    with (
        pytest.raises(AutograderError, match="nothing was sent"),
        ledger.opened(tmp_path / "sent.jsonl"),
    ):
        pytest.fail("it was opened")


# Who wins


@pytest.mark.parametrize(
    ("given", "last", "theirs", "expected"),
    [
        (6.0, None, None, SEND),
        (6.0, None, There(6.0, 8.0), NOTE),
        (6.0, None, There(75.0, 100.0), NOTE),
        (6.0, None, There(75.03, 100.0), NOTE),
        (6.0, None, There(5.0, 8.0), "not from here"),
        (6.0, None, There(0.0, 8.0), "not from here"),
        (6.0, None, There(None), SEND),
        (6.0, 6.0, There(6.0, 8.0), SAME),
        (6.0, 6.0, There(5.0, 8.0), "5 there, 6 was sent"),
        (6.0, 6.0, None, "no score there"),
        (7.0, 6.0, There(6.0, 8.0), SEND),
        (7.0, 6.0, There(7.0, 8.0), NOTE),
        (7.0, 6.0, There(5.0, 8.0), "changed in the LMS"),
        (0.0, 0.0, There(None), SAME),
        (1.0, 0.0, None, SEND),
    ],
)
def test_nothing_is_sent_over_what_changed_there(
    given: float, last: float | None, theirs: There | None, expected: object
) -> None:
    new = Score("ana", "101", given, 8.0)
    before = None if last is None else Sent("i", "101", "ana", last, 8.0, True, "", "")
    found = decide(new, before, theirs, seen=True)
    if isinstance(expected, str):
        assert expected in found.why_not
        assert not found.send
        assert decide(new, before, theirs, seen=True, force=True) == SEND
    else:
        assert found == expected


def test_without_sight_the_notes_decide() -> None:
    new = Score("ana", "101", 6.0, 8.0)
    assert decide(new, None, None, seen=False) == SEND
    assert decide(new, SENT, None, seen=False) == SAME
    assert decide(Score("ana", "101", 5.0, 8.0), SENT, None, seen=False) == SEND
    assert decide(new, SENT, None, seen=False, force=True) == SEND


def test_a_grade_that_becomes_final_is_sent_again() -> None:
    open_one = Sent("i", "101", "ana", 6.0, 8.0, False, "", "")
    final = Score("ana", "101", 6.0, 8.0)
    assert decide(final, open_one, None, seen=True) == SEND  # Moodle shows none that is open
    assert decide(final, open_one, There(6.0, 8.0), seen=True) == SEND


# On the wire


def test_the_assertion_says_what_the_specification_asks(tmp_path: Path) -> None:
    key = keys.make(tmp_path / "key.pem")
    found = read(tmp_path, NEEDED)
    with platform.Platform(found, key) as asked:
        requests = [asked._request(("a", "b")) for _ in range(2)]
    bodies = [dict(pair.split("=") for pair in body.split("&")) for _, body in requests]
    assert bodies[0]["scope"] == "a+b"
    tokens = [body["client_assertion"] for body in bodies]
    public = key.private.public_key()
    first, second = (
        jwt.decode(t, public, ["RS256"], audience="https://lms.edu/token") for t in tokens
    )
    assert first["iss"] == first["sub"] == "1"
    assert 0 < first["exp"] - time.time() <= 300
    assert first["jti"] != second["jti"]
    assert jwt.get_unverified_header(tokens[0])["kid"] == key.kid


def test_pauses_that_are_asked_for() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=50)
    for text, least, most in [
        ("7", 7, 7),
        (format_datetime(soon, usegmt=True), 40, 50),
        (format_datetime(soon - timedelta(days=9), usegmt=True), 0, 0),
        ("soon", 0, 0),
        ("-5", 0, 0),
        ("٣", 0, 0),
        ("", 0, 0),
    ]:
        answer = Answer("u", 429, {"Retry-After": text})
        assert least <= platform.asked_for(answer) <= most


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://a/1>; rel="first", <https://a/2>; rel="next"', "https://a/2"),
        ("<https://a/2>;rel=next", "https://a/2"),
        ("<https://a/2>; title=x; REL='Next'", "https://a/2"),
        ('<https://a/2>; rel="prev next"', "https://a/2"),
        ("<https://a/1>; rel=“first”, <https://a/2>; rel=“next”", "https://a/2"),
        ('<https://a/next>; rel="last"', None),
        ('<https://a/2>; rel="nextish"', None),
        ('<https://a/2>; title="rel"; x="next"', None),
        ("", None),
    ],
)
def test_the_next_page(header: str, expected: str | None) -> None:
    received = header.encode().decode("latin-1")
    assert platform.following(received) == expected


def test_a_certificate_that_does_not_fit_is_no_passing_fault() -> None:
    with serving(Standin()) as lms:
        url = lms.platform.base.replace("http:", "https:")
        with pytest.raises(PlatformError, match="has no valid certificate"):
            Transport().send("GET", url, {})


def _certificate(folder: Path) -> Path:
    """Make a certificate for this machine, signed by nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "platform")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(_pem(key) + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_only_a_known_authority_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with serving(Standin(), context) as lms:
        url = f"{lms.platform.base}/x"
        with pytest.raises(PlatformError, match="REQUESTS_CA_BUNDLE") as error:
            Transport().send("GET", url, {})
        assert not error.value.busy
        assert lms.asked == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
        assert Transport().send("GET", url, {}).status == 404


def test_this_machine_is_reached_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(Standin()) as lms:
        assert Transport().send("GET", f"{lms.platform.base}/x", {}).status == 404


def test_the_settings_in_the_manual_can_be_read(tmp_path: Path) -> None:
    manual = Path(__file__).parents[3] / "docs" / "lti.md"
    blocks = re.findall(r"```toml\n(.*?)```", manual.read_text(encoding="utf-8"), re.DOTALL)
    canvas, moodle, topic = blocks
    assert read(tmp_path, canvas).roster
    assert read(tmp_path, moodle).memberships_url
    found = read(tmp_path, canvas + topic.replace("…", "lms.edu")).topics["05-backprop"]
    assert found.line_item == "https://lms.edu"


def test_an_answer_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TOTAL_S", -1.0)
    with serving(Standin()) as lms:
        lms.faults = [Fault("GET", 200, body=b"[]")]
        with pytest.raises(PlatformError, match="in time") as error:
            Transport().send("GET", f"{lms.platform.base}/x", {})
    assert error.value.busy


def test_a_password_in_netrc_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password word\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    heads: list[str] = []

    class Spy(Standin):
        def answer(self, method: str, target: str, headers: object, body: bytes) -> tuple:
            heads.append(str(headers["Authorization"]))
            return 200, ("application/json", [], {})

    with serving(Spy()) as lms:
        Transport().send("GET", f"{lms.platform.base}/x", {"Authorization": "Bearer t"})
        Transport().send("GET", f"{lms.platform.base}/x", {})
    assert heads == ["Bearer t", "None"]


@pytest.mark.parametrize("value", [None, "x", True, float("nan"), float("inf"), [], {}, "1e999"])
def test_numbers_that_are_none(value: object) -> None:
    assert services.number(value) is None


@pytest.mark.parametrize(("value", "number"), [(3, 3.0), ("3.5", 3.5), (0, 0.0)])
def test_numbers_as_platforms_write_them(value: object, number: float) -> None:
    assert services.number(value) == number


def test_nobody_else_can_read_what_the_folder_keeps(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keys.make(tmp_path / "key.pem")
        with ledger.opened(tmp_path / "sent.jsonl"):
            pass
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_a_summary_is_json() -> None:
    from autograder.lti.outcome import Outcome

    outcome = Outcome("toy", 8.0, sent={"ana": 6.0}, not_sent={"bo": "why"})
    assert json.loads(json.dumps(outcome.to_json()))["not_sent"] == {"bo": "why"}
