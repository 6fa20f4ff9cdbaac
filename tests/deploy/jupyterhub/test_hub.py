"""A term on a real hub in a real browser: students, an instructor, intruders, faults."""

import json
import re
from pathlib import Path

import pytest

from tests.support import wait_for
from tests.support.hub import intrusions
from tests.support.hub.people import COURSE

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[3]
TOPIC = "01-perceptron"
CELLS = 70
STEP, WEIGHTED, WORDS = 3, 6, 68
RIGHT_STEP = "def step(z):\n    return np.where(z > 0, 1.0, 0.0)\n"
RIGHT_WEIGHTED = "def weighted_input(x, w, b):\n    return x @ w + b\n"
WITHOUT_BIAS = "def weighted_input(x, w, b):\n    return x @ w\n"
EXPLANATION = "The number of mistakes is a staircase, and flat nearly everywhere."
COMMENT = "Right. What about the hidden layer?"
FORMGRADER = f"/services/{COURSE}/formgrader"


def rounds(hub, student, weighted: str, log: list):
    """Do a student's whole round, in steps that may alternate with those of another student."""
    student.log_in()
    yield "logged in"
    student.open_lab()
    student.open_assignment_list()
    assert "Formgrader" not in student.page.locator(".lm-Menu").all_inner_texts()
    yield "opened the list"
    student.fetch(TOPIC)
    student.picture("fetch")
    yield "fetched"
    # On a busy machine it waits up to two minutes; a notebook that is opened before is cold.
    wait_for(lambda: processes(hub, student.name), "there is no fork server")
    student.open_notebook(TOPIC)
    student.write(STEP, CELLS, RIGHT_STEP)
    student.write(WEIGHTED, CELLS, weighted)
    student.write(WORDS, CELLS, EXPLANATION)
    yield "worked"
    student.run_all(TOPIC)
    yield "ran"
    student.picture("work")
    assert kernels(hub, student.name) == ["warm"], processes(hub, student.name)
    log.append(student.validate())
    yield "validated"
    student.open_lab()
    student.open_assignment_list()
    student.submit(TOPIC)
    student.entry("submitted", TOPIC).wait_for()
    student.picture("submit")
    yield "submitted"


def processes(hub, name: str) -> list[str]:
    """Return the commands of a user's fork server and kernels."""
    look = ["pgrep", "--euid", name, "--list-full", "--full", "forkserver.py|ipykernel_launcher"]
    return hub.run_as("root", look).stdout.splitlines()


def kernels(hub, name: str) -> list[str]:
    """Return, for each kernel of a user, whether it is cold or forked from a warm process."""
    commands = processes(hub, name)
    cold = ["cold" for command in commands if "ipykernel_launcher" in command]
    # A forked process keeps the command line of its parent.
    return cold + ["warm"] * (len(commands) - len(cold) - 1)


def test_a_wrong_password_is_refused_and_says_so(person):
    student = person("student-01")
    student.enter_password("not it")
    student.page.get_by_text("Invalid username or password").wait_for()
    student.picture("login")
    answer = student.page.request.get(f"{student.server}/api/contents")
    assert "/hub/login" in answer.url


def test_two_students_do_their_whole_rounds_at_once(hub, person):
    ben, eve = person("student-01"), person("student-02")
    said: list[str] = []
    first, second = rounds(hub, ben, RIGHT_WEIGHTED, said), rounds(hub, eve, WITHOUT_BIAS, said)
    for _ in zip(first, second, strict=True):
        pass
    assert all("failed" in text for text in said)  # most tasks are still to be done
    assert ben.outside == eve.outside == []
    inbound = hub.build / "installation/exchange" / COURSE / "inbound"
    handed_in = {path.name.split("+")[0]: path for path in inbound.iterdir()}
    assert set(handed_in) == {"student-01", "student-02"}
    for path in handed_in.values():
        assert path.stat().st_mode & 0o777 == 0o770
        assert {p.name for p in path.iterdir()} >= {f"{TOPIC}.ipynb", "timestamp.txt"}


def test_intruders_get_nowhere(hub, person):
    ben, eve = person("student-01"), person("student-02")
    ben.log_in()
    ben.start_code("import time\nfor _ in range(200): print('mine'); time.sleep(0.2)\n")
    eve.log_in()
    answers = intrusions.over_http(hub, eve)
    answers |= intrusions.from_a_kernel(hub, eve)
    gained = {what for what, answer in answers.items() if answer.startswith(intrusions.GAINED)}
    assert gained == set()
    page = (ROOT / "docs/administrators.md").read_text("utf-8")
    assert [f"| {w} | {a} |" for w, a in answers.items() if f"| {w} | {a} |" not in page] == []
    # An intruder can put folders with another student's name, and links, into the exchange.
    assert intrusions.forge(hub, "student-03", TOPIC) == 0


def test_an_instructor_collects_grades_comments_and_returns(hub, person):
    ada = person("ada")
    ada.enter_password()
    ada.page.wait_for_url("**/user/ada/lab*")
    ada.open_formgrader()
    ada.picture("formgrader")
    ada.row(TOPIC).locator("td.collect a").click()
    said = ada.read_modal()
    assert "claims to be student-01's, but is student-03's" in said
    assert "it is a link" in said
    ada.row(TOPIC).locator("td.num-submissions a", has_text="3").click()
    for student, score in (("student-01", "3 / 22"), ("student-02", "1 / 22")):
        ada.row(student).locator("td.autograde a").click()
        assert "Successfully autograded" in ada.read_modal()
        ada.row(student).locator("td.score", has_text=score).wait_for()
        ada.row(student).locator("td.status", has_text="needs manual grading").wait_for()
    place = hub.build / "installation/courses" / COURSE / "autograded/student-01" / TOPIC
    graded = json.loads((place / f"{TOPIC}.ipynb").read_text("utf-8"))
    assert graded["metadata"]["autograder"]["sandbox"] == "required"

    page = ada.page
    page.goto(f"{ada.url}{FORMGRADER}/gradebook/{TOPIC}/{TOPIC}")
    # The students are anonymous here: grade every answer.
    page.locator("#main-table a.name-hidden").nth(1).wait_for()
    links = [a.get_attribute("href") for a in page.locator("#main-table a.name-hidden").all()]
    assert len(links) == 2
    for link in links:
        page.goto(f"{ada.url}{link}")
        page.wait_for_function("window.MathJax && MathJax.loaded")
        page.locator("input#explain").fill("1.5")
        with page.expect_response("**/formgrader/api/grade/*") as saved:
            page.locator("input#explain").press("Tab")
        assert saved.value.ok
        page.locator("#explain-comment").fill(COMMENT)
        ada.picture("manual-grading")
        with page.expect_response("**/formgrader/api/comment/*") as saved:
            page.locator("#explain-comment").press("Escape")  # Tab leaves the page
        assert saved.value.ok
    assert ada.outside == []

    ada.open_formgrader()
    ada.row(TOPIC).locator("td.generate-feedback a").click()
    assert "Successfully generated feedback" in ada.read_modal()
    ada.row(TOPIC).locator("td.release-feedback a").click()
    assert "Successfully released feedback" in ada.read_modal()


def test_students_read_their_feedback_and_nobody_elses(person):
    eve = person("student-02")
    eve.log_in()
    eve.open_lab()
    eve.open_assignment_list()
    line = eve.entry("submitted", TOPIC)
    line.get_by_role("button", name="Fetch Feedback").click()
    folder = eve.home / COURSE / TOPIC / "feedback"
    wait_for(lambda: list(folder.rglob("*.html")) != [], "no feedback came")
    (file,) = folder.rglob("*.html")
    eve.page.goto(f"{eve.server}/files/{file.relative_to(eve.home)}")
    eve.picture("feedback")
    text = eve.page.locator("body").inner_text()
    assert "2.5" in text
    assert COMMENT in text
    assert "The bias is missing" in text
    assert "HIDDEN TESTS" not in eve.page.content()
    assert eve.outside == []


def test_what_the_administrators_page_says_is_run(hub):
    text = (ROOT / "docs/administrators.md").read_text("utf-8")
    boxes = re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    commands = [line[2:] for box in boxes for line in box.splitlines()]
    assert len(commands) > 4
    for command in commands:
        done = hub.run_as("root", ["bash", "-c", command], timeout=400)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_a_restart_of_the_hub_or_its_proxy_costs_no_work(hub, person):
    ben = person("student-01")
    ben.log_in()
    ben.open_notebook(TOPIC)
    ben.write(STEP, CELLS, "kept = 41\n")
    ben.page.keyboard.press("Control+Enter")
    ben.wait_idle()
    before = ben.get("/api/kernels")
    hub.restart()
    ben.cell(STEP, CELLS).locator(".cm-content").fill("print(kept + 1)\n")
    ben.page.keyboard.press("Control+Enter")
    ben.cell(STEP, CELLS).locator(".jp-OutputArea-output", has_text="42").wait_for()
    assert {k["id"] for k in ben.get("/api/kernels")} == {k["id"] for k in before}
    ben.page.keyboard.press("Control+s")
    file = ben.home / COURSE / TOPIC / f"{TOPIC}.ipynb"
    wait_for(lambda: "kept + 1" in file.read_text("utf-8"), "the notebook was not saved")

    assert hub.run_as("root", ["pkill", "--full", "configurable-http-proxy"]).returncode == 0
    wait_for(lambda: not hub.answers(), "the proxy went on")
    wait_for(hub.answers, "the routes did not come back")
    ben.open_notebook(TOPIC)
    assert {k["id"] for k in ben.get("/api/kernels")} == {k["id"] for k in before}


def test_a_full_disk_at_submit_is_told_and_leaves_no_half_submission(hub, person):
    mo = person("student-04")
    mo.log_in()
    mo.open_lab()
    mo.open_assignment_list()
    mo.fetch(TOPIC)
    inbound = f"/srv/nnkit/exchange/{COURSE}/inbound"
    mount = "mount -t tmpfs -o size=64k,mode=3733,uid=30000,gid=30000 full"
    assert hub.run_as("root", ["sh", "-c", f"{mount} {inbound}"]).returncode == 0
    try:
        mo.submit(TOPIC)
        mo.page.locator(".jp-Dialog", has_text="NOT handed in").wait_for()
        assert "submit again" in mo.read_dialog()
        assert hub.run_as("root", ["ls", inbound]).stdout == ""
    finally:
        hub.run_as("root", ["umount", inbound])
    mo.submit(TOPIC)
    mo.entry("submitted", TOPIC).wait_for()
    seen = Path(hub.build, "installation/exchange", COURSE, "inbound").iterdir()
    assert sum(path.name.startswith("student-04+") for path in seen) == 1


def test_with_grade_on_submit_feedback_comes_by_itself(hub, person):
    settings = hub.build / "installation/hub/hub.toml"
    service = f'\n[courses.{COURSE}.services.watch]\ncommand = ["autograder", "watch"]\n'
    settings.write_text(settings.read_text("utf-8") + service, encoding="utf-8")
    hub.restart()
    kim = person("student-05")
    kim.log_in()
    kim.open_lab()
    kim.open_assignment_list()
    kim.fetch(TOPIC)
    file = kim.home / COURSE / TOPIC / f"{TOPIC}.ipynb"
    notebook = json.loads(file.read_text("utf-8"))
    notebook["cells"][STEP]["source"] = RIGHT_STEP
    file.write_text(json.dumps(notebook), encoding="utf-8")
    kim.submit(TOPIC)
    kim.entry("submitted", TOPIC).wait_for()
    # The service also makes feedback for others who have submitted.
    done = re.compile(rf"{kim.name}, {TOPIC}: .*feedback is in the exchange")
    wait_for(lambda: done.search(hub.log.read_text("utf-8", "replace")), "there was no feedback")
    kim.open_lab()
    kim.open_assignment_list()
    kim.entry("submitted", TOPIC).get_by_role("button", name="Fetch Feedback").click()
    pages = kim.home / COURSE / TOPIC / "feedback"
    wait_for(lambda: list(pages.rglob("*.html")) != [], "no feedback came")
    (page,) = pages.rglob("*.html")
    text = page.read_text("utf-8")
    assert "Write your code here" in text  # the tasks not done yet
    assert "HIDDEN TESTS" not in text


def test_twelve_students_log_in_at_the_same_moment_and_all_are_served(person):
    students = [person(f"student-{number:02}") for number in range(4, 16)]
    for student in students:
        student.page.goto(f"{student.url}/hub/login")
        student.page.locator("#username_input").fill(student.name)
        student.page.locator("#password_input").fill(student.password)
    for student in students:
        student.page.locator("#login_submit").click(no_wait_after=True)
    for student in students:
        student.page.locator(".lm-MenuBar-item", has_text="Nbgrader").wait_for(state="attached")
