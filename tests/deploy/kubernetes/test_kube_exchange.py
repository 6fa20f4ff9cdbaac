"""nbgrader's own commands on a volume where each pod mounts its own part.

The mounts are those of KubeSpawner's manifests and of grader.yaml, made as the kubelet makes them.
"""

import json
import shutil
from pathlib import Path

import prepare_course
import pytest
import yaml
from install.environment import InstallError

from tests.support import pods

COURSE, TOPIC = pods.COURSE, "05-toy"
STRANGE = pods.STRANGE
EXCHANGE = f"{pods.INSTALLATION}/exchange/{COURSE}"
ROOT = f"--Exchange.root={pods.INSTALLATION}/exchange"
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not pods.can_mount(), reason="this machine allows no mounts of one's own"),
]


class Cluster:
    """A volume, a grader, and students' pods."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.volume = folder / "installation/exchange"
        self.volume.mkdir(parents=True)
        self.settings = pods.site()
        self.config = folder / "config"
        self.config.mkdir()
        shutil.copy(pods.HERE / "jupyter/nbgrader_config.py", self.config)
        base = pods.HUB / "jupyter/nbgrader_config.py"
        shutil.copy(base, self.config / "nnkit_nbgrader_config.py")
        prepare_course.prepare(COURSE, folder / "installation", pods.ROOT)
        self.course = self.volume / COURSE
        parts = [m for m in grader_container()["volumeMounts"] if m["name"] == "exchange"]
        self.home = folder / f"installation/courses/{COURSE}"
        self.grader = self._pod(parts, self.home, f"grader-{COURSE}")

    def student(self, name: str) -> pods.Pod:
        """Start a student's pod, as KubeSpawner would."""
        manifest = pods.started(pods.spawner(name, self.settings), self.settings)
        for first in manifest["spec"]["initContainers"]:
            for place in first["command"][3:]:
                Path(self.volume, place.removeprefix("/exchange/")).mkdir(
                    parents=True, exist_ok=True
                )
        home = self.folder / f"home-{name}"
        return self._pod(pods.mounts(manifest), home, name)

    def _pod(self, parts: list, home: Path, name: str) -> pods.Pod:
        variables = {"JUPYTERHUB_USER": name, "JUPYTER_CONFIG_PATH": str(self.config)}
        return pods.Pod(self.volume, parts, home, variables)

    def release(self) -> None:
        """Release the topic, with nbgrader's own command."""
        notebook = self.home / f"assignments/{TOPIC}/{TOPIC}.ipynb"
        notebook.parent.mkdir(parents=True)
        notebook.write_text(json.dumps(NOTEBOOK))
        self.grader.nbgrader(f"release_assignment {TOPIC}")


def grader_container() -> dict:
    """Return the container of grader.yaml with the instructor's server."""
    objects = yaml.safe_load_all((pods.HERE / "grader.yaml").read_text(encoding="utf-8"))
    (deployment,) = [one for one in objects if one["kind"] == "Deployment"]
    return deployment["spec"]["template"]["spec"]["containers"][0]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.release()
    return made


def fetch() -> str:
    return f"fetch_assignment --course {COURSE} {TOPIC}"


def submit(*words: str) -> str:
    return " ".join(["submit", "--course", COURSE, TOPIC, *words])


def test_a_term_s_round(cluster):
    ben, cem = cluster.student("ben"), cluster.student(STRANGE)
    said = ben.nbgrader(f"list --course {COURSE}", fetch(), submit())
    assert f"{COURSE} {TOPIC}" in said
    assert "Submitted as" in said
    cem.nbgrader(fetch(), submit())

    said = cluster.grader.nbgrader(f"collect {TOPIC}", f"collect --update {TOPIC}")
    assert "Processing 2 submissions" in said
    assert "No newer submission" in said
    submitted = cluster.home / "submitted"
    assert sorted(path.name for path in submitted.iterdir()) == ["ben", STRANGE]

    for name in ("ben", STRANGE):
        page = cluster.home / f"feedback/{name}/{TOPIC}"
        shutil.copytree(submitted / name / TOPIC, page)
        (page / f"{TOPIC}.html").write_text(f"of {name}")
    cluster.grader.nbgrader(f"release_feedback {TOPIC}")
    for pod, name in ((ben, "ben"), (cem, STRANGE)):
        said = pod.nbgrader(
            f"list --cached --course {COURSE}", f"fetch_feedback --course {COURSE} {TOPIC}"
        )
        assert "feedback ready" in said
        (page,) = pod.home.glob(f"{COURSE}/{TOPIC}/feedback/*/{TOPIC}.html")
        assert page.read_text() == f"of {name}"


def test_a_student_sees_and_changes_nothing_of_another(cluster):
    for part in (f"incoming/{STRANGE}", f"feedback/{STRANGE}", "inbound"):
        place = cluster.course / part / "cems"
        place.mkdir(parents=True)
        (place / "page.html").write_text("secret")
    eli = cluster.student("eli")
    seen = eli.python("import os\nfor f, d, n in os.walk('/srv/nnkit'): print(f, *d, *n)")
    assert f"{TOPIC}.ipynb" in seen
    assert "cem" not in seen
    assert "page.html" not in seen
    for place in ("outbound", "feedback", f"outbound/{TOPIC}"):
        refused = eli.python(f"open('{EXCHANGE}/{place}/mine', 'w')", fails=True)
        assert "Read-only file system" in refused
    # The parent folder is in the pod, not on the volume.
    climb = f"import os; print(os.listdir('{EXCHANGE}/inbound/..'))"
    assert eli.python(climb) == "['feedback', 'inbound', 'outbound']\n"


def test_what_claims_to_be_another_s_is_not_taken_and_what_is_taken_is_out_of_reach(cluster):
    eli = cluster.student("eli")
    eli.nbgrader(fetch(), submit(), submit(f"--student={STRANGE}"))
    said = cluster.grader.run("python", "-m", "nnkit_incoming", "--once", EXCHANGE)
    assert f"it claims to be {STRANGE}'s, but was handed in by eli" in said
    left = eli.python(f"import os; print(*sorted(os.listdir('{EXCHANGE}/inbound')))")
    assert left.startswith(f".coming {STRANGE}+")
    (taken,) = (cluster.course / "inbound").glob("eli+*")
    assert (taken / f"{TOPIC}.ipynb").is_file()


def test_a_full_volume_leaves_no_half_submission(cluster):
    fay = cluster.student("fay")
    fay.nbgrader(fetch())
    big = fay.home / COURSE / TOPIC / "big.ipynb"
    big.write_bytes(b" " * 300_000)
    inbound = f"{EXCHANGE}/inbound"
    full = [f"mount -t tmpfs -o size=200k full {inbound}", f"python -m nbgrader {submit()} {ROOT}"]
    said = fay.run("sh", "-c", " && ".join(full) + f" || {{ find {inbound}; exit 1; }}", fails=True)
    assert "NOT handed in" in said
    assert "No space left on device" in said
    assert said.startswith(f"{inbound}\n{inbound}/.coming\n[")
    big.unlink()
    assert "Submitted as" in fay.nbgrader(submit())


def test_preparing_again_keeps_all_that_is_there(tmp_path):
    installation = tmp_path / "installation"
    (installation / "exchange").mkdir(parents=True)
    prepare_course.prepare(COURSE, installation, pods.ROOT)
    kept = [
        installation / f"courses/{COURSE}/gradebook.db",
        installation / f"exchange/{COURSE}/incoming/ben/x",
    ]
    for path in kept:
        path.parent.mkdir(exist_ok=True)
        path.write_text("here")
    config = installation / f"courses/{COURSE}/nbgrader_config.py"
    config.write_text("mine")
    prepare_course.prepare(COURSE, installation, pods.ROOT)
    assert [path.read_text() for path in (*kept, config)] == ["here", "here", "mine"]


def test_a_course_that_cannot_be_made_is_said(tmp_path):
    with pytest.raises(InstallError, match="name a course by small letters"):
        prepare_course.prepare("../up", tmp_path, pods.ROOT)
    (tmp_path / "courses").write_text("a file")
    with pytest.raises(InstallError, match="The volumes must let account 1000"):
        prepare_course.prepare(COURSE, tmp_path, pods.ROOT)
