"""Which parts of the exchange a user's pod mounts, in KubeSpawner's own manifests."""

import types

import pytest
import yaml

pytest.importorskip("kubespawner", reason="jupyterhub-kubespawner is not installed")

import hub_parts
import hub_settings
from kube_pods import INSTALLATION, NoServerError
from tornado.web import HTTPError

from tests.support import pods

STRANGE = pods.STRANGE


def parts(name, settings=None, **traits):
    settings = settings or pods.site()
    return pods.mounts(pods.started(pods.spawner(name, settings, **traits), settings))


def test_a_student_gets_only_their_own_part_of_their_own_course():
    exchange = f"{INSTALLATION}/exchange/neural-networks"
    assert {(p["subPath"], p["mountPath"], p.get("readOnly", False)) for p in parts(STRANGE)} == {
        ("neural-networks/outbound", f"{exchange}/outbound", True),
        (f"neural-networks/incoming/{STRANGE}", f"{exchange}/inbound", False),
        (f"neural-networks/feedback/{STRANGE}", f"{exchange}/feedback", True),
    }


def test_an_instructor_reads_what_is_released_and_no_more():
    assert [(p["subPath"], p["readOnly"]) for p in parts("ada")] == [
        ("neural-networks/outbound", True)
    ]


def test_who_teaches_one_course_can_be_a_student_of_another():
    found = {p["subPath"]: p.get("readOnly", False) for p in parts("ben")}
    assert found == {
        "neural-networks/outbound": True,
        "neural-networks/incoming/ben": False,
        "neural-networks/feedback/ben": True,
        "statistics/outbound": True,
    }


def test_who_has_no_course_mounts_nothing_and_needs_no_container_before():
    settings = pods.site()
    manifest = pods.started(pods.spawner("eve", settings), settings)
    assert pods.mounts(manifest) == []
    assert "initContainers" not in manifest["spec"]
    assert [v["name"] for v in manifest["spec"]["volumes"]] == ["volume-home"]


def test_where_all_are_students_who_comes_in_is_enrolled(monkeypatch):
    settings = pods.site(neural_networks={"instructors": ["ada"], "students": "*"})
    made = pods.spawner("eve", settings)

    def enrol(spawner, group):
        spawner.user.groups.append(types.SimpleNamespace(name=group))

    monkeypatch.setattr("hub_parts._enrol", enrol)
    found = {p["subPath"] for p in pods.mounts(pods.started(made, settings))}
    assert "neural-networks/incoming/eve" in found


@pytest.mark.parametrize(
    "name",
    ["../ada", "ada/../ben", "a+b", "a*", "Ada", "{username}", "a b", ".hidden", "", "ä", "a" * 64],
)
def test_a_name_that_could_be_another_path_gets_no_server(name):
    settings = pods.site()
    with pytest.raises(NoServerError, match="cannot be used here"):
        pods.started(pods.spawner(name, settings), settings)


def test_names_that_a_slug_would_join_stay_apart():
    settings = pods.site(c={"students": ["a.b", "a-b", "a_b", "a--b", "a@b"]})
    found = [parts(name, settings)[1]["subPath"] for name in ("a.b", "a-b", "a_b", "a--b", "a@b")]
    assert found == [f"c/incoming/{name}" for name in ("a.b", "a-b", "a_b", "a--b", "a@b")]


def test_the_hub_s_own_volumes_stay_whether_they_are_a_list_or_a_mapping():
    home = {"name": "volume-home", "mountPath": "/home/jovyan"}
    claim = {"name": "volume-home", "persistentVolumeClaim": {"claimName": "claim"}}
    settings = pods.site()
    made = pods.spawner("ben", settings, volumes={"1": claim}, volume_mounts={"1": home})
    manifest = pods.started(made, settings)
    assert [v["name"] for v in manifest["spec"]["volumes"]] == ["volume-home", "nnkit-exchange"]
    assert home in manifest["spec"]["containers"][0]["volumeMounts"]


def test_a_second_start_mounts_what_the_groups_say_then():
    settings = pods.site()
    made = pods.spawner("ben", settings)
    first = pods.started(made, settings)
    assert pods.started(made, settings) == first
    made.user.groups = []
    assert pods.mounts(pods.started(made, settings)) == []


def test_folders_are_made_by_the_account_of_the_pods_before_they_are_mounted():
    settings = pods.site()
    (first,) = pods.started(pods.spawner(STRANGE, settings), settings)["spec"]["initContainers"]
    assert first["command"][:3] == ["mkdir", "-p", "--"]
    assert f"/exchange/neural-networks/incoming/{STRANGE}" in first["command"]
    assert first["securityContext"]["runAsUser"] == 1000


def test_the_role_s_extensions_are_chosen_by_the_hub():
    settings = pods.site()
    for name, role in (("ada", "instructor"), ("dia", "student")):
        manifest = pods.started(pods.spawner(name, settings), settings)
        variables = {e["name"]: e.get("value") for e in manifest["spec"]["containers"][0]["env"]}
        assert variables["JUPYTER_CONFIG_PATH"] == f"/srv/nnkit/jupyter/{role}"


def test_the_pod_is_valid_and_has_no_rights():
    validate = pytest.importorskip("kubernetes_validate")
    from kube_pods import CONTAINER, POD

    settings = pods.site()
    values = yaml.safe_load((pods.HERE / "values.yaml").read_text(encoding="utf-8"))["singleuser"]
    traits = {
        "pod_security_context": POD,
        "container_security_context": CONTAINER,
        "extra_pod_config": values["extraPodConfig"],
        "mem_limit": values["memory"]["limit"],
        "cpu_limit": values["cpu"]["limit"],
    }
    manifest = pods.started(pods.spawner(STRANGE, settings, **traits), settings)
    validate.validate(manifest, "1.33", strict=True)
    assert manifest["spec"]["securityContext"] == {"fsGroup": 100, **POD}
    container = manifest["spec"]["containers"][0]["securityContext"]
    assert container["capabilities"] == {"drop": ["ALL"]}
    assert container["runAsUser"] == 1000
    assert container["allowPrivilegeEscalation"] is False
    assert manifest["spec"]["automountServiceAccountToken"] is False
    assert manifest["spec"]["enableServiceLinks"] is False


def test_nobody_logs_in_as_a_course():
    hook = hub_parts.refuse_graders(pods.site())
    assert hook(None, None, {"name": "ada"}) == {"name": "ada"}
    with pytest.raises(HTTPError, match="belongs to a course"):
        hook(None, None, {"name": "grader-neural-networks"})


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (None, "names no course"),
        ({"courses": {}}, "names no course"),
        ({"courses": {"A/B": {}}}, "small letters"),
        ({"courses": {"c": []}}, "must have the entries"),
        ({"courses": {"c": {"student": []}}}, "unknown entry student"),
        ({"courses": {"c": {"students": "ada"}}}, "must be a list"),
        ({"courses": {"c": {"students": [4711]}}}, "quotation marks"),
        ({"courses": {"c": {"students": ["a+b"]}}}, r"'a\+b' cannot be a name"),
        ({"courses": {"c": {"students": ["a"], "instructors": ["a"]}}}, "both instructor and"),
        ({"courses": {"c": {"students": ["grader-c"]}}}, "course's own account"),
    ],
)
def test_what_is_wrong_in_the_values_is_said(table, said):
    import kube_settings

    with pytest.raises(hub_settings.SettingsError, match=said):
        kube_settings.parse(table)


def test_a_course_without_a_grader_among_the_services_is_said():
    import kube_settings

    with pytest.raises(
        hub_settings.SettingsError, match=r"statistics has no entry in hub\.service"
    ):
        kube_settings.check_services(pods.site(), ["neural-networks"])
