"""The hub's configuration file, run as the chart runs it."""

import re
import sys
import types

import pytest
import yaml
from hub_settings import SettingsError
from tornado.web import HTTPError

from tests.support import pods

Config = pytest.importorskip("traitlets.config").Config


@pytest.fixture
def configured(monkeypatch):
    """Run kube_config.py with the values, which may be changed; return the configuration."""

    def run(change=lambda values: None, claim=None):
        values = yaml.safe_load((pods.HERE / "values.yaml").read_text(encoding="utf-8"))
        change(values)

        def get_config(key, default=None):
            found = values
            for part in key.split("."):
                if part not in found:
                    return default
                found = found[part]
            return found

        chart = types.ModuleType("z2jh")
        chart.get_config = get_config
        monkeypatch.setitem(sys.modules, "z2jh", chart)
        monkeypatch.setattr(sys, "path", [*sys.path])
        c = Config()
        # Like the chart, which sets the entries of hub.config first.
        chosen = values["hub"]["config"]["JupyterHub"]["authenticator_class"]
        c.JupyterHub.authenticator_class = chosen
        if claim:
            c.GenericOAuthenticator.username_claim = claim
        c.JupyterHub.services = [{"name": name} for name in values["hub"]["services"]]
        c.JupyterHub.load_roles = [{"name": "jupyterhub-idle-culler"}]
        path = pods.HERE / "kube_config.py"
        exec(compile(path.read_text(encoding="utf-8"), path.name, "exec"), {"c": c})
        return c

    return run


def test_the_values_make_a_hub_with_the_courses_people(configured):
    c = configured()
    assert c.Authenticator.allowed_users == {"ada@example.org"}
    assert c.Authenticator.allow_all is True
    assert c.JupyterHub.load_groups["formgrade-neural-networks"]["users"] == [
        "grader-neural-networks",
        "ada@example.org",
    ]
    assert c.JupyterHub.admin_access is False


def test_logins_are_by_a_plain_name_and_launches_by_their_signature(configured):
    def choose(values):
        values["hub"]["config"]["JupyterHub"]["authenticator_class"] = (
            "ltiauthenticator.lti13.auth.LTI13Authenticator"
        )

    assert configured(choose).JupyterHub.authenticator_class.__name__ == "OnlySigned"
    c = configured(claim="email")
    assert c.JupyterHub.authenticator_class == "shared-password"
    assert c.GenericOAuthenticator.username_claim({"email": "ben@example.org"}) == "ben@example.org"
    with pytest.raises(HTTPError):
        c.GenericOAuthenticator.username_claim({"email": "\N{KELVIN SIGN}im@example.org"})


def test_the_chart_s_own_roles_stay_and_there_is_no_second_culler(configured):
    names = [role["name"] for role in configured().JupyterHub.load_roles]
    assert names == [
        "jupyterhub-idle-culler",
        "formgrade-neural-networks",
        "course-neural-networks",
    ]


def test_with_a_roster_nobody_else_can_log_in(configured):
    def roster(values):
        values["custom"]["nnkit"]["courses"]["neural-networks"]["students"] = ["ben"]

    c = configured(roster)
    assert c.Authenticator.allow_all is False
    assert c.Authenticator.allowed_users == {"ada@example.org", "ben"}


def test_the_pattern_is_of_the_whole_name(configured):
    pattern = re.compile(configured().Authenticator.username_pattern)
    assert all(pattern.match(name) for name in ("ada", "ada@example.org", "4711", "a"))
    assert not any(pattern.match(name) for name in ("ada/../ben", "ada\n", "a b", "a+b", "a-", ""))


def test_the_pods_of_the_hub_are_given_what_the_claim_of_the_values_holds(configured):
    def other(values):
        values["custom"]["nnkit"]["exchangeClaim"] = "elsewhere"

    c = configured(other)
    name = "ada@example.org"
    made = pods.spawner(name, pods.site(neural_networks={"instructors": [name]}))
    c.Spawner.pre_spawn_hook(made)
    assert made.volumes[-1]["persistentVolumeClaim"] == {"claimName": "elsewhere"}


def test_a_mistake_in_the_values_stops_the_hub_and_names_the_entry(configured):
    def forget(values):
        del values["hub"]["services"]["neural-networks"]

    with pytest.raises(SettingsError, match="neural-networks has no entry"):
        configured(forget)
