"""Grades into an LMS: what a platform gets, what it keeps, and what a person is told."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from autograder import cli
from autograder.course import Course
from autograder.lti import keys, platform, sending, settings
from tests.support import toy_course as toy
from tests.support.lti_platform import AGS, NRPS, SCOPES, TEACHER, Standin, person
from tests.support.lti_serving import Fault, Served, serving

IDS = {"ana": "101", "bo": "102", "007": "103", "away": "104"}
LIST = "/services.php/17/line_items"
WORTH = {"101": 8.5, "102": 5.75, "103": 4.0}
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section
    Points Possible,,,,
"Doe, Ana",101,S01,ana,A
"Doe, Bo",102,S02,BO,A
"Doe, Seven",103,S03,007,A
"Gone, Al",104,S04,away,A
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a class of which three handed in: extra credit, a late penalty, a score by hand."""
    root = tmp_path_factory.mktemp("lti") / "course"
    course = toy.make(root)
    for student in ("ana", "bo", "007"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    with course.gradebook() as book:
        for student in IDS:
            book.add_student(student)
    toy.canned(course)
    toy.graded_by_hand(course)
    return root


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Course:
    shutil.copytree(graded, tmp_path / "course")
    course = Course.find(root=tmp_path / "course")
    (course.root / "lti").mkdir()
    (course.root / "lti/roster.csv").write_text(CANVAS, encoding="utf-8")
    return course


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a key once: that takes longer than all else."""
    path = tmp_path_factory.mktemp("key") / "key.pem"
    keys.make(path)
    return path


@pytest.fixture
def lms() -> Iterator[Served]:
    standin = Standin()
    for student, user in IDS.items():
        standin.users[user] = person(f"{student.title()} Doe", f"{student}@uni.edu", f"S{user}")
    standin.users["900"] = person("Tea Cher", "t@uni.edu", role=TEACHER)
    with serving(standin) as served:
        yield served


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Make no pause, and keep how long they would have been."""
    made: list[float] = []
    monkeypatch.setattr(platform, "sleep", made.append)
    return made


@pytest.fixture
def connected(course: Course, lms: Served, key: Path) -> Course:
    """Give the course its key and its settings, and the platform the public half."""
    shutil.copy(key, course.root / "lti/key.pem")
    lms.platform.keys = keys.read(key).jwks()
    write(course, lms)
    return course


def write(course: Course, lms: Served, **more: Any) -> None:
    """Write the settings; None takes one away."""
    found = {
        "client_id": lms.platform.client_id,
        "token_url": lms.platform.token_url,
        "line_items_url": lms.platform.line_items_url,
        "roster": "roster.csv",
        **more,
    }
    topic = found.pop("topics", None)
    lines = [f"{name} = {json.dumps(value)}" for name, value in found.items() if value is not None]
    if topic:
        lines += [
            "[topics.toy]",
            *(f"{name} = {json.dumps(value)}" for name, value in topic.items()),
        ]
    (course.root / settings.DEFAULT).write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(course: Course, *arguments: object) -> Result:
    call = ["lti", *map(str, arguments), "--course", str(course.root)]
    result = CliRunner().invoke(cli.app, call, env={"COLUMNS": "200"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def send(course: Course, *options: object, status: int = 0) -> dict[str, Any]:
    """Send, and return the toy topic's summary, with what was said."""
    file = course.root / "out.json"
    result = run(course, "send", *options, "--json", file)
    assert result.exit_code == status, result.output
    return {**json.loads(file.read_text())["topics"][toy.TOPIC], "said": result.output}


def regrade(course: Course, student: str, score: float) -> None:
    with course.gradebook() as book:
        book.find_grade("explain", toy.TOPIC, toy.TOPIC, student).manual_score = score
        book.db.commit()


# A first time


def test_scores_arrive_as_the_gradebook_counts_them(connected: Course, lms: Served) -> None:
    made = send(connected)
    assert lms.platform.scores() == WORTH
    assert made["sent"] == {"ana": 8.5, "bo": 5.75, "007": 4.0}
    assert made["not_handed_in"] == ["away"]
    assert made["line_item_made"]
    assert "no column for it; one was made" in made["said"]
    (item,) = lms.platform.items.values()
    assert (item["label"], item["scoreMaximum"]) == ("toy", 8.0)
    assert (item["resourceId"], item["tag"]) == ("toy", "autograder")
    assert {body["gradingProgress"] for body in lms.platform.posted} == {"FullyGraded"}
    assert {body["activityProgress"] for body in lms.platform.posted} == {"Completed"}


def test_a_second_time_nothing_is_sent(connected: Course, lms: Served) -> None:
    send(connected)
    again = send(connected)
    assert again["sent"] == {}
    assert again["unchanged"] == ["007", "ana", "bo"]
    assert not again["line_item_made"]
    assert len(lms.platform.posted) == 3
    assert len(lms.platform.items) == 1


def test_only_what_changed_is_sent(connected: Course, lms: Served) -> None:
    send(connected)
    regrade(connected, "ana", 1.0)
    again = send(connected)
    assert again["sent"] == {"ana": 7.5}
    assert lms.platform.scores() == {**WORTH, "101": 7.5}


def test_a_dry_run_changes_nothing(connected: Course, lms: Served) -> None:
    made = send(connected, "--dry-run")
    assert made["sent"] == {"ana": 8.5, "bo": 5.75, "007": 4.0}
    assert "would be made" in made["said"]
    assert "Nothing was sent" in made["said"]
    assert not lms.platform.items
    assert not (connected.root / "lti/sent.jsonl").exists()
    assert lms.count("POST") == lms.count("POST /token")
    lms.platform.change("101", 3.0, item=_column(lms))
    again = send(connected, "--dry-run", "--force")
    assert "3" in next(line for line in again["said"].splitlines() if line.startswith("ana"))
    assert lms.platform.scores() == {"101": 3.0}


def _column(lms: Served) -> str:
    lms.platform.add_item("toy", 8.0)
    return "1"


def test_absent_students_get_zero_where_that_is_wanted(connected: Course, lms: Served) -> None:
    write(connected, lms, absent="zero")
    assert send(connected)["sent"]["away"] == 0.0
    assert lms.platform.scores()["104"] == 0.0
    assert {b["activityProgress"] for b in lms.platform.posted} == {"Completed", "Initialized"}


def test_a_comment_is_plain_text_of_tasks_and_points(connected: Course, lms: Served) -> None:
    write(connected, lms, comments=True)
    send(connected)
    (body,) = (body for body in lms.platform.posted if body["userId"] == "102")
    assert body["comment"].splitlines() == [
        "double: 2 of 2",
        "double-zero: 1 of 1",
        "half: 3 of 3",
        "explain: 1.25 of 2",
        "handed in late: -1.5",
    ]


# What is open


def test_open_grades_wait_for_their_person(connected: Course, lms: Served) -> None:
    with connected.gradebook() as book:
        grade = book.find_grade("explain", toy.TOPIC, toy.TOPIC, "ana")
        grade.manual_score, grade.needs_manual_grade = None, True
        book.db.commit()
    made = send(connected, status=1)
    assert made["not_sent"] == {"ana": "to grade by hand: explain"}
    assert set(made["sent"]) == {"bo", "007"}
    assert "to grade by hand: explain: ana" in made["said"]
    open_ones = send(connected, "--provisional")
    assert open_ones["sent"] == {"ana": 6.0}
    assert lms.platform.posted[-1]["gradingProgress"] == "PendingManual"
    regrade(connected, "ana", 2.0)
    with connected.gradebook() as book:
        book.find_grade("explain", toy.TOPIC, toy.TOPIC, "ana").needs_manual_grade = False
        book.db.commit()
    assert send(connected)["sent"] == {"ana": 8.5}
    assert lms.platform.posted[-1]["gradingProgress"] == "FullyGraded"


def test_work_that_nobody_graded_is_never_a_zero(connected: Course, lms: Served) -> None:
    toy.hand_in(connected.submitted_dir, "away", toy.solved(connected, toy.RIGHT))
    made = send(connected, "--provisional", status=1)
    assert made["not_sent"] == {"away": "handed in, not graded"}
    assert "104" not in lms.platform.scores()


# Who is who


def test_members_of_the_platform_are_a_roster(connected: Course, lms: Served) -> None:
    write(connected, lms, roster=None, memberships_url=lms.platform.memberships_url)
    lms.platform.page = 2
    lms.platform.users["105"] = person("Late Comer", "late@uni.edu")
    lms.platform.users["106"] = person("Gone By", "ana@uni.edu") | {"status": "Inactive"}
    lms.platform.users["107"] = person("Test Student", "bo@uni.edu")
    lms.platform.users["107"]["roles"].append("http://x/person#TestUser")
    made = send(connected)
    assert lms.platform.scores() == WORTH
    assert "In the LMS, not in the gradebook: Late Comer" in made["said"]
    assert lms.count("GET /services.php/17/names_and_roles") == 4


def test_a_roster_and_the_members_together(connected: Course, lms: Served) -> None:
    rows = ["student_id,email", *(f"{name},{name}@UNI.edu" for name in IDS if name != "bo")]
    (connected.root / "lti/roster.csv").write_text("\n".join([*rows, "bo,bo@elsewhere"]))
    write(connected, lms, memberships_url=lms.platform.memberships_url)
    made = send(connected, status=1)
    assert lms.platform.scores() == {"101": 8.5, "103": 4.0}
    assert "not among the LMS's members" in made["not_sent"]["bo"]


def test_students_without_an_id_do_not_stop_the_others(connected: Course, lms: Served) -> None:
    roster = CANVAS.replace("101,S01", ",S01").replace('"Doe, Bo",102,S02,BO,A\n', "")
    (connected.root / "lti/roster.csv").write_text(roster + '"New, Ed",109,S09,ed,A\n')
    made = send(connected, status=1)
    assert made["sent"] == {"007": 4.0}
    assert "no id of the LMS" in made["not_sent"]["ana"]
    assert made["not_sent"]["bo"] == "not in the roster"
    assert "In the LMS, not in the gradebook: New, Ed" in made["said"]


def test_two_students_with_one_id_are_both_left_out(connected: Course, lms: Served) -> None:
    (connected.root / "lti/roster.csv").write_text(CANVAS.replace("102", "101"))
    made = send(connected, status=1)
    assert set(made["not_sent"]) == {"ana", "bo"}
    assert lms.platform.scores() == {"103": 4.0}


def test_a_roster_without_the_platforms_ids(connected: Course, lms: Served) -> None:
    (connected.root / "lti/roster.csv").write_text("student_id,email\nana,ana@uni.edu\n")
    result = run(connected, "send")
    assert result.exit_code == 2
    assert "no column ID" in result.output
    assert "user_column" in result.output


@pytest.mark.parametrize(
    ("setting", "said"),
    [("match", "`match` in "), ("user_column", "`user_column` in ")],
)
def test_a_column_that_is_not_there_is_named_by_its_setting(
    connected: Course, lms: Served, setting: str, said: str
) -> None:
    write(connected, lms, **{setting: "--match COLUMN"})
    result = run(connected, "send")
    assert result.exit_code == 2
    assert f"({said}{connected.root / settings.DEFAULT})" in " ".join(result.output.split())


# What the platform has


@pytest.mark.slow
def test_what_a_teacher_changed_there_stays(connected: Course, lms: Served) -> None:
    send(connected)
    lms.platform.change("101", 2.0)
    regrade(connected, "ana", 1.0)
    made = send(connected, status=1)
    assert "changed in the LMS: 2 there, 8.5 was sent" in made["not_sent"]["ana"]
    assert lms.platform.scores()["101"] == 2.0
    assert send(connected, "--force")["sent"] == {"ana": 7.5}
    assert lms.platform.scores()["101"] == 7.5


def test_a_score_that_is_not_from_here_stays(connected: Course, lms: Served) -> None:
    lms.platform.change("101", 3.0, item=_column(lms))
    lms.platform.change("102", 5.75)
    lms.platform.change("103", 0.0)
    made = send(connected, status=1)
    assert set(made["not_sent"]) == {"ana", "007"}
    assert made["unchanged"] == ["bo"]
    assert lms.platform.scores() == {"101": 3.0, "102": 5.75, "103": 0.0}


def test_without_its_notes_nothing_is_sent_twice(connected: Course, lms: Served) -> None:
    send(connected)
    (connected.root / "lti/sent.jsonl").unlink()
    again = send(connected)
    assert again["unchanged"] == ["007", "ana", "bo"]
    regrade(connected, "ana", 1.0)
    assert send(connected)["sent"] == {"ana": 7.5}


def test_a_score_entered_while_grades_are_sent_stays(connected: Course, lms: Served) -> None:
    url = lms.platform.add_item("toy", 8.0)

    def teach(call: str) -> None:
        if call.startswith("POST") and "/scores" in call and not lms.platform.results:
            lms.platform.change("102", 1.0)

    lms.hook = teach
    made = send(connected, status=1)
    assert made["line_item"] == url
    assert "newer score" in made["not_sent"]["bo"]
    assert lms.platform.scores()["102"] == 1.0


def test_a_platform_of_other_points_converts(connected: Course, lms: Served) -> None:
    lms.platform.add_item("Homework 1", 100.0)
    write(connected, lms, topics={"label": "Homework 1"})
    made = send(connected)
    assert lms.platform.scores()["102"] == pytest.approx(71.875)
    assert "out of 100" in made["remarks"][0]
    assert send(connected)["sent"] == {}


@pytest.mark.parametrize("style", ["moodle", "canvas"])
def test_quirks_of_platforms(connected: Course, lms: Served, style: str) -> None:
    lms.platform.style, lms.platform.page = style, 1
    write(connected, lms, absent="zero", memberships_url=lms.platform.memberships_url, roster=None)
    for label in ("other", "another"):
        lms.platform.add_item(label, 5.0)
    send(connected)
    assert lms.platform.scores() == {**WORTH, "104": 0.0}
    extension = {"new_submission": False} if style == "canvas" else None
    submission = "https://canvas.instructure.com/lti/submission"
    assert [body.get(submission) for body in lms.platform.posted] == [extension] * 4
    again = send(connected)
    assert again["sent"] == {}
    assert len(again["unchanged"]) == 4
    lms.platform.change("101", 1.0, item="3")
    regrade(connected, "ana", 1.0)
    assert "ana" in send(connected, status=1)["not_sent"]


# Columns


def test_a_column_that_is_named_in_the_settings(connected: Course, lms: Served) -> None:
    lms.platform.add_item("toy", 8.0)
    url = lms.platform.add_item("toy", 8.0)
    write(connected, lms, topics={"line_item": url})
    assert send(connected)["line_item"] == url
    assert {item for item, _ in lms.platform.results} == {"2"}


def test_columns_that_could_both_be_meant(connected: Course, lms: Served) -> None:
    for _ in range(2):
        lms.platform.add_item("toy", 8.0)
    made = send(connected, status=1)
    assert "has 2 line items for toy" in made["not_sent"]["ana"]
    assert not lms.platform.results


def test_no_column_is_made_without_the_right(connected: Course, lms: Served) -> None:
    lms.platform.scopes = [scope for scope in SCOPES if scope != AGS + "lineitem"]
    made = send(connected, status=1)
    assert "does not let this tool make one" in made["not_sent"]["ana"]
    lms.platform.add_item("toy", 8.0)
    assert set(send(connected)["sent"]) == {"ana", "bo", "007"}


def test_no_column_is_made_where_the_settings_say_so(connected: Course, lms: Served) -> None:
    write(connected, lms, create_line_items=False)
    assert "create_line_items is off" in send(connected, status=1)["not_sent"]["ana"]
    assert not lms.platform.items


def test_a_lost_answer_does_not_make_two_columns(connected: Course, lms: Served) -> None:
    lms.faults = [Fault("POST /services.php/17/line_items", after=True)]
    assert set(send(connected)["sent"]) == {"ana", "bo", "007"}
    assert len(lms.platform.items) == 1


@pytest.mark.slow
def test_without_the_right_to_read_scores(connected: Course, lms: Served) -> None:
    lms.platform.scopes.remove(AGS + "result.readonly")
    send(connected)
    again = send(connected)
    assert again["sent"] == {}
    assert "does not let this tool read its scores" in again["remarks"][0]


# What goes wrong on the way


def test_a_student_who_fails_does_not_stop_the_others(connected: Course, lms: Served) -> None:
    del lms.platform.users["101"]
    made = send(connected, status=1)
    assert made["sent"] == {"bo": 5.75, "007": 4.0}
    assert "422" in made["not_sent"]["ana"]
    assert "not a student" in made["not_sent"]["ana"]
    lms.platform.users["101"] = person("Ana Doe")
    assert send(connected)["sent"] == {"ana": 8.5}
    assert len(lms.platform.posted) == 3


def test_students_whom_moodle_does_not_know_do_not_stop_the_others(
    connected: Course, lms: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 1)
    lms.platform.style = "moodle"
    write(connected, lms)
    del lms.platform.users["103"]
    assert send(connected, status=1)["sent"] == {"ana": 8.5, "bo": 5.75}
    assert lms.count("/scores") == 4


def test_a_busy_platform_is_waited_for(connected: Course, lms: Served, pauses: list[float]) -> None:
    lms.faults = [
        Fault("POST /token", 503),
        Fault("/scores", 429, {"Retry-After": "7"}),
        Fault("/scores", 500),
        Fault("/scores", 502, times=2),
    ]
    made = send(connected)
    assert lms.platform.scores() == WORTH
    assert "trying again in" in made["said"]
    assert len(pauses) == 5
    assert 7 <= pauses[1] < 9
    assert all(pause >= 1 for pause in pauses)
    assert len(lms.platform.assertions) == 1  # the one that was refused was never looked at


def test_a_platform_that_asks_for_too_long_a_pause(
    connected: Course, lms: Served, pauses: list[float]
) -> None:
    lms.platform.add_item("toy", 8.0)
    lms.faults = [Fault("/scores", 429, {"Retry-After": "86400"}, times=99)]
    made = send(connected, status=1)
    assert "asks to wait 86400 s" in made["not_sent"]["007"]
    assert pauses == []
    assert set(made["not_sent"]) == {"ana", "bo", "007"}


def test_a_lost_answer_is_no_second_score(connected: Course, lms: Served) -> None:
    lms.faults = [Fault("/scores", after=True)]
    made = send(connected)
    assert lms.platform.scores() == WORTH
    assert set(made["sent"]) == {"ana", "bo", "007"}
    assert len(lms.platform.posted) == 3


def test_a_platform_that_is_gone_is_not_asked_for_each_student(
    connected: Course, lms: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 2)
    lms.faults = [Fault("/scores", times=999)]
    made = send(connected, status=1)
    assert made["not_sent"]["bo"].startswith("not tried")
    assert lms.count("/scores") == 2 * (len(platform.PAUSES) + 1)
    lms.faults = []
    assert set(send(connected)["sent"]) == {"ana", "bo", "007"}


def test_a_token_that_is_taken_back_is_renewed(connected: Course, lms: Served) -> None:
    def forget(call: str) -> None:
        if "/scores" in call and lms.count("/scores") == 2:
            lms.platform.tokens.clear()

    lms.hook = forget
    send(connected)
    assert lms.platform.scores() == WORTH
    assert lms.count("POST /token") == 2


def test_a_token_is_renewed_before_its_end(
    connected: Course, lms: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(platform, "monotonic", lambda: clock[0])
    lms.platform.life = 100

    def pass_time(call: str) -> None:
        clock[0] += 30 * ("/scores" in call)

    lms.hook = pass_time
    send(connected)
    assert lms.platform.scores() == WORTH
    assert lms.count("POST /token") == 2


def test_a_redirect_is_not_followed_with_the_token(connected: Course, lms: Served) -> None:
    with serving(Standin()) as other:
        target = f"{other.platform.base}/stolen"
        lms.faults = [Fault("GET", 302, {"Location": target}, times=99)]
        result = run(connected, "send")
        assert result.exit_code == 2
        assert "a token does not follow a redirect" in result.output
        assert other.asked == []


def test_an_address_elsewhere_does_not_get_the_token(connected: Course, lms: Served) -> None:
    with serving(Standin()) as other:
        lms.platform.add_item("toy", 8.0)
        lms.platform.items["1"]["id"] = f"{other.platform.base}/line_items/1"
        made = send(connected, status=1)
        assert "which is not in the settings" in made["not_sent"]["ana"]
        lms.platform.items.clear()
        link = {"Link": f'<{other.platform.base}/more>; rel="next"'}
        lms.faults = [Fault("GET", 200, link, b"[]")]
        assert run(connected, "send").exit_code == 2
        assert other.asked == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("GET", 200, body=b"x" * 9_000_000), "longer than 8 MB"),
        pytest.param(
            Fault("GET", 200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"),
            "compressed",
            id="fault1-packed",
        ),
        (Fault("GET", 200, body=b"<html>log in</html>"), "a web page"),
        (Fault("GET", 200, body=b"[" * 100_000), "something else than JSON"),
        (Fault("GET", 200, body=b'{"a": 1}'), "no list"),
        (
            Fault("GET", 200, {"Link": "</services.php/17/line_items>; rel=next"}, b"[]", 999),
            "do not end",
        ),
        (Fault("GET", 403), "403"),
        (Fault("POST /token", 200, body=b'{"access_token": "a\\nb"}'), "no access token"),
        (Fault("POST /token", 200, body=b"[]"), "no access token"),
        (Fault("POST /token", 500, times=99), "no access token: 500"),
        (Fault("POST /token", 503, times=99), "no access token: 503"),
    ],
    ids=lambda value: None if isinstance(value, Fault) else value,
)
def test_hostile_answers(connected: Course, lms: Served, fault: Fault, said: str) -> None:
    lms.faults = [fault]
    result = run(connected, "send")
    assert result.exit_code == 2
    assert said in result.output
    assert not lms.platform.results


def test_what_a_platform_says_cannot_steer_the_terminal(connected: Course, lms: Served) -> None:
    lms.faults = [Fault("/scores", 400, body=b"\x1b]0;evil\x07 [red]x[/red]\n\n")]
    made = send(connected, status=1)
    assert "\x1b" not in made["said"]
    assert "[red]x[/red]" in made["said"]


def test_nothing_secret_is_shown(connected: Course, lms: Served) -> None:
    lms.platform.life = 3600
    secret: list[str] = []

    def echo(call: str) -> None:
        if "/scores" in call and not secret:
            secret.extend(lms.platform.tokens)
            lms.faults = [Fault("/scores", 400, body=f"Bearer {secret[0]}".encode())]

    lms.hook = echo
    made = send(connected, status=1)
    assert "Bearer …" in made["said"]
    assert secret[0] not in json.dumps(made)
    assert "PRIVATE" not in made["said"]


# What the platform checks


@pytest.mark.parametrize(
    ("wrong", "status"),
    [("client_id", 401), ("keys", 401), ("audience", 401), ("scopes", 400)],
)
def test_a_platform_that_gives_no_token(
    connected: Course, lms: Served, wrong: str, status: int
) -> None:
    if wrong == "keys":
        lms.platform.keys = {"keys": []}
    elif wrong == "scopes":
        lms.platform.scopes = []
    else:
        write(connected, lms, **{wrong: "other"})
    result = run(connected, "send")
    assert result.exit_code == 2
    assert f"no access token: {status}" in result.output
    assert "Check in the LMS" in result.output


def test_a_platform_without_the_right_to_send(connected: Course, lms: Served) -> None:
    lms.platform.scopes.remove(AGS + "score")
    result = run(connected, "send")
    assert result.exit_code == 2
    assert "does not let this tool send scores" in result.output


def test_check_shows_the_connection(connected: Course, lms: Served) -> None:
    write(connected, lms, memberships_url=lms.platform.memberships_url, issuer="The LMS")
    lms.platform.add_item("Homework [1]", 8.0)
    result = run(connected, "check")
    assert result.exit_code == 0
    for part in ("Connected with The LMS", "send scores", "4 learners", "Homework [1]"):
        assert part in result.output
    assert lms.count("POST") == 1
    lms.platform.scopes.remove(NRPS)
    assert run(connected, "check").exit_code == 2


# What goes wrong here


def test_a_full_disk_stops_with_all_that_was_sent_known(
    connected: Course, lms: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("autograder.lti.ledger.os.fsync", full)
        result = run(connected, "send")
    assert result.exit_code == 2
    assert "The LMS has the score of 007 now" in result.output
    assert len(lms.platform.posted) == 1
    again = send(connected)
    assert lms.platform.scores() == WORTH
    assert "007" not in again["sent"]


def test_two_runs_at_once(connected: Course, lms: Served) -> None:
    from autograder.lti import ledger

    with ledger.opened(connected.root / "lti/sent.jsonl"):
        result = run(connected, "send")
    assert result.exit_code == 2
    assert "Another run" in result.output
    assert not lms.asked


def test_a_run_that_was_stopped_goes_on(
    connected: Course, lms: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, count = sending.services.post, []

    def stop(*arguments: Any) -> None:
        count.append(1)
        if len(count) == 2:
            raise KeyboardInterrupt
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(sending.services, "post", stop)
        assert run(connected, "send").exit_code == 130
    assert len(lms.platform.posted) == 1
    send(connected)
    assert len(lms.platform.posted) == 3


# Setting up


def test_keys_and_settings_are_made_for_a_new_course(course: Course) -> None:
    result = run(course, "keys", "--json", course.root / "jwks.json")
    folder = course.root / "lti"
    assert result.exit_code == 0
    assert (folder / "key.pem").stat().st_mode & 0o777 == 0o600
    assert (folder / ".gitignore").read_text() == "*\n"
    assert "PRIVATE" not in result.output
    assert "BEGIN PUBLIC KEY" in result.output
    (jwk,) = json.loads((folder / "jwks.json").read_text())["keys"]
    assert json.loads((course.root / "jwks.json").read_text()) == {"keys": [jwk]}
    assert set(jwk) == {"kty", "use", "alg", "kid", "n", "e"}
    assert json.loads(next(x for x in result.output.splitlines() if x.startswith("{"))) == jwk
    before = (folder / "key.pem").read_bytes()
    assert run(course, "keys").exit_code == 0
    assert (folder / "key.pem").read_bytes() == before
    result = run(course, "send")
    assert result.exit_code == 2
    assert "client_id is missing" in result.output


def test_a_key_that_others_may_read_is_refused(connected: Course, lms: Served) -> None:
    (connected.root / "lti/key.pem").chmod(0o640)
    result = run(connected, "send")
    assert result.exit_code == 2
    assert "chmod 600" in result.output
    assert not lms.asked


@pytest.mark.parametrize("call", [["fetch"], ["keys", "toy"], ["check", "--force"]])
def test_steps_that_there_are_not(course: Course, call: list[str]) -> None:
    assert run(course, *call).exit_code == 2
