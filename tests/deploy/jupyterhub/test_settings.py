"""hub.toml is read with a message for each wrong entry; the installer installs what it should."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import hub_login
import hub_parts
import hub_toml
import pytest
from hub_settings import Hub, Limits, Settings, SettingsError
from jupyterhub.auth import DummyAuthenticator
from setup_env import KERNEL_ENVIRONMENT
from traitlets.config import Config

from tests.support import require

ROOT = Path(__file__).resolve().parents[3]
HUB = ROOT / "deploy/jupyterhub"
CONFIG = HUB / "config"
COURSE = '[courses.nn]\nport = 9001\ninstructors = ["ada"]\nstudents = ["ben"]\n'


def read(text: str, folder=CONFIG) -> Settings:
    return hub_toml.parse(tomllib.loads(text), folder)


def test_the_example_says_the_defaults_and_can_be_read():
    site = hub_toml.load(CONFIG / "hub.toml")
    defaults = Hub(address=site.hub.address), Limits()
    assert (site.hub, site.limits) == defaults
    assert [course.name for course in site.courses] == ["neural-networks"]
    assert (
        site.courses[0].grader == read("[courses.neural-networks]\nport = 1025").courses[0].grader
    )


def test_what_the_example_comments_out_is_valid_too():
    """The example is also valid with each commented section uncommented."""
    lines = (CONFIG / "hub.toml").read_text("utf-8").splitlines()
    is_entry = [
        line.startswith("# [") or (line.startswith("# ") and " = " in line) for line in lines
    ]
    text = "\n".join(
        x.removeprefix("# ") if on else x for x, on in zip(lines, is_entry, strict=True)
    )
    for method in ("oauth", "lti13"):
        site = read(text.replace('method = "native"', f'method = "{method}"'))
        hub_login.check(method, site.login.options)
        assert [*site.courses[0].services] == ["watch"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[hubs]", "unknown entry hubs"),
        ("[hub]\nprot = 1", "unknown entry prot"),
        ('[hub]\nport = "8000"', "hub.port must be a whole number"),
        ("[hub]\nport = true", "hub.port must be a whole number"),
        ("[hub]\nport = 80", "port 80"),
        ("[hub]\nport = 8081", "port 8081 is given twice"),
        ('[hub]\nspawner = "docker"', "it may be systemd, local, simple"),
        ('[hub]\naddress = "hub.example.org"', 'must begin with "https://"'),
        ('[login]\nmethod = "ldap"', "it may be native, oauth, lti13, dummy"),
        ('[limits]\nmemory = "3 GB"', 'such as "3G"'),
        ("[limits]\nprocesses = 0", "must be more than 0"),
        ("[courses.nn]", "needs a port"),
        ("[courses.NN]\nport = 9001", "small letters"),
        ('[courses.nn]\nport = 9001\nstudents = ["Ben B"]', "cannot be an account's name"),
        ('[courses.nn]\nport = 9001\nstudents = ["../x"]', "cannot be an account's name"),
        ('[courses.nn]\nport = 9001\nstudents = "none.txt"', "none.txt cannot be read"),
        (COURSE.replace("ben", "ada"), "ada is both instructor and student"),
        (COURSE.replace("ben", "grader-nn"), "grader-nn is a grader and a person"),
        (COURSE + '[courses.b]\nport = 9002\ngrader = "grader-nn"', "grader of two courses"),
        (COURSE + "[courses.b]\nport = 9001", "port 9001 is given twice"),
        (COURSE + "[courses.nn.services.x]\nport = 9009", "command must be a list of words"),
    ],
)
def test_a_wrong_entry_is_named(text, said):
    with pytest.raises(SettingsError, match=re.escape(said)):
        read(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        hub_toml.load(tmp_path / "none.toml")
    (tmp_path / "hub.toml").write_text("[hub", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"hub\.toml is not TOML"):
        hub_toml.load(tmp_path / "hub.toml")


def test_the_installer_starts_on_a_python_without_pydantic():
    folders = [str(HUB), str(ROOT / "tools")]
    code = f"import sys; sys.modules['pydantic'] = None; sys.path[:0] = {folders}; "
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"{code}from demo import inside; from install import backup, command",
        ],
        check=True,
    )


def test_the_installer_checks_courses_by_the_house_s_python(tmp_path, monkeypatch, capfd):
    from install import command

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sys, "argv", ["install.py", "courses", "--house", str(tmp_path)])
    with pytest.raises(SystemExit, match="There is no hub in"):
        command.main()
    (tmp_path / "env").symlink_to(sys.prefix)
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub/hub.toml").write_text(
        "[courses.nn]\n[courses.b]\nport = 1\n", encoding="utf-8"
    )
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 1
    said = capfd.readouterr().err.splitlines()
    assert [line.split("hub.toml: ")[1].split()[0] for line in said] == [
        "courses.nn.port",
        "courses.b.port:",
    ]


def test_all_that_is_wrong_is_said_at_once():
    text = (
        COURSE.replace("9001", "1") + "[hub]\nprot = 1\n[limits]\ncpus = nan\n[login]\noauth = 1\n"
    )
    with pytest.raises(SettingsError) as said:
        read(text)
    for entry in ("courses.nn.port", "prot. Did you mean port?", "limits.cpus", "login.oauth"):
        assert entry in str(said.value)


def test_an_account_s_name_is_looked_at_where_it_is_made_from_the_course_s_too():
    with pytest.raises(SettingsError, match=r"'grader-a{30}' cannot be an account's name"):
        read(f"[courses.{'a' * 30}]\nport = 9001")


def test_a_roster_is_read_from_a_file(tmp_path):
    (tmp_path / "class.txt").write_text("ben  # the first\n\neve\nben\n", encoding="utf-8")
    site = read('[courses.nn]\nport = 9001\nstudents = "class.txt"', tmp_path)
    assert site.courses[0].students == ("ben", "eve")


def test_groups_and_roles_give_each_course_to_its_own_people():
    site = read(COURSE + '[courses.b]\nport = 9002\ninstructors = ["bob"]')
    groups = hub_parts.groups(site)
    assert groups["formgrade-nn"]["users"] == ["grader-nn", "ada"]
    assert groups["nbgrader-nn"]["users"] == ["ben"]
    roles = {role["name"]: role for role in hub_parts.roles(site)}
    assert "access:services!service=b" not in roles["formgrade-nn"]["scopes"]
    assert all("nn" not in scope for scope in roles["course-b"]["scopes"])
    # Only the culler, which stops servers, has permissions on all users.
    broad = {s for role in roles.values() for s in role["scopes"] if "!" not in s}
    assert broad == {*roles["idle-culler"]["scopes"], "list:services"}


def test_services_run_as_the_grader_in_the_course_folder(tmp_path):
    site = read(COURSE + '[courses.nn.services.lti]\ncommand = ["x"]\nport = 9101')
    named = {one["name"]: one for one in hub_parts.services(site, tmp_path)}
    assert set(named) == {"idle-culler", "nn", "nn-lti"}
    for name in ("nn", "nn-lti"):
        assert named[name]["user"] == "grader-nn"
        assert named[name]["cwd"] == str(tmp_path / "courses/nn")


def test_limits_hold_without_systemd_too(tmp_path):
    site = read('[hub]\nspawner = "local"\n[limits]\nmemory = "2G"\nprocesses = 77')
    command = hub_parts.command(site, tmp_path)
    assert command[:3] == ["prlimit", "--nproc=77", f"--data={2 * 1024**3}"]


def test_nobody_logs_in_as_a_grader():
    from tornado.web import HTTPError

    hook = hub_parts.refuse_graders(read(COURSE))
    assert hook(None, None, {"name": "ben"}) == {"name": "ben"}
    with pytest.raises(HTTPError, match="nobody logs in as it"):
        hook(None, None, {"name": "grader-nn"})


@pytest.mark.parametrize("name", ["ada/../ben", "a b", "../ada", "ada\n", "Ada"])
def test_a_name_that_is_no_account_cannot_log_in(name):
    config = Config()
    hub_login.configure(config, read(COURSE))
    authenticator = DummyAuthenticator(config=config)
    assert authenticator.validate_username("ada")
    assert not authenticator.validate_username(name)


def test_an_option_that_a_method_needs_is_asked_for():
    with pytest.raises(SettingsError, match=r"\[login.oauth\] needs client_id"):
        hub_login.check("oauth", {})
    with pytest.raises(SettingsError, match="unknown entry colour"):
        hub_login.check("native", {"colour": "red"})


def test_everybody_has_the_variables_that_keep_tensorflow_quiet():
    assert hub_parts.ENVIRONMENT == KERNEL_ENVIRONMENT


def test_students_have_neither_formgrader_nor_create_assignment():
    for role, wanted in {"student": True, "instructor": True, "grader": False}.items():
        page = json.loads(
            (CONFIG / f"jupyter/{role}/labconfig/page_config.json").read_text("utf-8")
        )
        for name in ("formgrader", "create-assignment"):
            assert page["disabledExtensions"].get(f"@jupyter/nbgrader:{name}", False) == wanted


def test_the_hook_gives_each_role_its_extensions(tmp_path):
    site = read(COURSE)
    hook = hub_parts.before_start(site, tmp_path)
    for name, role in {"ada": "instructor", "ben": "student"}.items():
        spawner = SimpleNamespace(user=SimpleNamespace(name=name), environment={})
        hook(spawner)
        assert spawner.environment["JUPYTER_CONFIG_PATH"] == str(tmp_path / "jupyter" / role)


def test_the_proxy_is_pinned_with_all_that_it_needs():
    wanted = json.loads((HUB / "install/proxy/package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((HUB / "install/proxy/package-lock.json").read_text("utf-8"))["packages"]
    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    assert all(one.get("integrity") for place, one in locked.items() if place)


def test_ports_in_the_units_are_those_of_the_example():
    hub = hub_toml.load(CONFIG / "hub.toml").hub
    unit = (CONFIG / "systemd/jupyterhub-proxy.service").read_text("utf-8")
    for text in (f"--port {hub.port} ", f"--api-port {hub.proxy_port} ", f":{hub.hub_port} "):
        assert text in unit
    assert f"proxy_pass http://127.0.0.1:{hub.port};" in (CONFIG / "nginx.conf").read_text("utf-8")
    assert (ROOT / "docs/administrators.md").is_file()


def test_systemd_takes_the_units(tmp_path):
    analyze = shutil.which("systemd-analyze")
    require(analyze is not None, "systemd is not installed (Debian: apt-get install systemd)")
    units = sorted((CONFIG / "systemd").iterdir())
    for unit in units:
        # Every program must exist; the hub's programs are on a server only.
        text = re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", unit.read_text("utf-8"))
        (tmp_path / unit.name).write_text(text)
    said = subprocess.run(
        [analyze, "verify", *(str(tmp_path / unit.name) for unit in units)],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
    ).stderr
    assert [line for line in said.splitlines() if any(u.name in line for u in units)] == []
