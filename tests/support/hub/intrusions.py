"""The attempts of an intruding student, each with its result: refused, or what was gained."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from tests.support import wait_for
from tests.support.hub.people import COURSE

VICTIM = "student-01"
FORBIDDEN = (401, 403, 404)
GAINED = "gained: "

# Runs in the intruder's own kernel. An attempt that returns a value has gained it.
ATTEMPTS = """
import glob, json, os, pathlib, subprocess, urllib.error, urllib.request
installation, home = pathlib.Path("/srv/nnkit"), pathlib.Path("/home/VICTIM")
course, exchange = installation / "courses/COURSE", installation / "exchange/COURSE"
handed_in = pathlib.Path("HANDED_IN")
class Nothing(Exception): "Nothing was gained, but no error was raised."
def rename(path, to): path.rename(to); return f"renamed {path}"
def read(path): return path.read_bytes() and f"read {path}"
def look(path): return f"listed {path}: {len(list(path.iterdir()))}"
def imported():
    import autograder
    return "imported the autograder"
def others():
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid != os.getuid(): yield path
        except FileNotFoundError: pass  # it has ended
def memory():
    for path in others():
        try: return f"read {path}: {len((path / 'environ').read_bytes())}"
        except (PermissionError, FileNotFoundError, ProcessLookupError): pass
    raise Nothing("permission denied")
def kill():
    for path in others():
        try: os.kill(int(path.name), 0); return f"may signal {path}"
        except (PermissionError, ProcessLookupError): pass
    raise Nothing("permission denied")
def found(text):
    done = subprocess.run(["grep", "-rlsF", "--include=*.py", "--include=*.ipynb", text,
                           "/srv", "/home"], capture_output=True, text=True)
    mine = str(pathlib.Path.home())
    harmless = (mine, "/srv/nnkit/env/lib/python3.11/site-packages/nbgrader/")  # its own examples
    lines = [line for line in done.stdout.splitlines() if not line.startswith(harmless)]
    if not lines: raise Nothing("none is found")
    return lines
def root():
    try: subprocess.run(["sudo", "-n", "true"], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError): raise Nothing("no such right")
    return "became root"
def listen():
    import zmq
    ports = {int(line.split()[1].split(":")[1], 16)
             for line in open("/proc/net/tcp").readlines()[1:]
             if line.split()[3] == "0A" and int(line.split()[7]) != os.getuid()}
    context, sockets = zmq.Context(), []
    for port in ports:
        one = context.socket(zmq.SUB); one.setsockopt(zmq.LINGER, 0)
        one.subscribe(b""); one.connect(f"tcp://127.0.0.1:{port}"); sockets.append(one)
    poller = zmq.Poller()
    for one in sockets: poller.register(one, zmq.POLLIN)
    events = dict(poller.poll(3000))
    context.destroy(0)
    assert ports, "nobody listens"
    if not events: raise Nothing("nothing is heard")
    return f"heard {len(events)} kernels"
def hub_api(path):
    request = urllib.request.Request(os.environ["JUPYTERHUB_API_URL"] + path,
        headers={"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]})
    answer = json.load(urllib.request.urlopen(request))
    names = [one["name"] for one in answer] if isinstance(answer, list) else answer
    if names == ["ME"]: raise Nothing("themselves alone")
    return f"told {names}"
ATTEMPTS = {
    "import autograder": imported,
    "list the autograder's folder": lambda: look(installation / "grading/lib"),
    "read solutions": lambda: look(course / "solutions"),
    "read the gradebook": lambda: read(course / "gradebook.db"),
    "read nbgrader's source notebooks": lambda: look(course / "build/source"),
    "find a hidden test anywhere": lambda: found("BEGIN " + "HIDDEN TESTS"),
    "find a reference solution anywhere": lambda: found("BEGIN " + "SOLUTION"),
    "list another's home": lambda: look(home),
    "read another's notebook": lambda: read(home / "COURSE/TOPIC/TOPIC.ipynb"),
    "read another's kernel's key": lambda: look(home / ".local/share/jupyter/runtime"),
    "list what others handed in": lambda: look(exchange / "inbound"),
    "read what another handed in, its path known": lambda: read(handed_in),
    "write into what another handed in": lambda: (handed_in.parent / "x").write_text("x"),
    "rename what another handed in": lambda: rename(handed_in.parent, exchange / "inbound/gone"),
    "list others' feedback": lambda: look(exchange / "feedback"),
    "rename the course in the exchange": lambda: rename(exchange, exchange.parent / "gone"),
    "release an assignment": lambda: (exchange / "outbound/99-fake").mkdir() or "made",
    "change a released notebook": lambda: (exchange / "outbound/TOPIC/TOPIC.ipynb").write_text("x"),
    "change the environment": lambda: (installation / "env/lib/x").write_text("x"),
    "read the hub's secrets": lambda: read(installation / "hub/cookie_secret"),
    "read the hub's configuration": lambda: read(installation / "hub/hub.toml"),
    "read environments of others' processes": memory,
    "signal others' processes": kill,
    "listen to others' kernels": listen,
    "become root": root,
    "list users by the hub's API": lambda: hub_api("/users"),
    "read another by the hub's API": lambda: hub_api("/users/VICTIM"),
    "list groups by the hub's API": lambda: hub_api("/groups"),
}
answers = {}
for what, attempt in ATTEMPTS.items():
    try: answers[what] = f"GAINED{attempt()}"
    except Nothing as nothing: answers[what] = str(nothing)
    except ModuleNotFoundError: answers[what] = "no such module"
    except urllib.error.HTTPError as error: answers[what] = f"HTTP {error.code}"
    except OSError as error: answers[what] = os.strerror(error.errno).lower()
    except Exception as error: answers[what] = f"GAINED{error!r}"
pathlib.Path("answers.tmp").write_text(json.dumps(answers))
os.replace("answers.tmp", "answers.json")
"""


def over_http(hub: Any, intruder: Any) -> dict[str, str]:
    """Request pages of other users, with the cookies of a student who is logged in."""
    service, port = f"{hub.address}/services/{COURSE}", hub.port + 3
    places = {
        "open the formgrader": f"{service}/formgrader",
        "open the formgrader's Lab": f"{service}/lab?formgrader=true",
        "ask the course's service for assignments": f"{service}/formgrader/api/assignments",
        "ask the course's service for files": f"{service}/api/contents",
        "ask the course's service for its gradebook": f"{service}/files/gradebook.db",
        "ask the course's service for kernels": f"{service}/api/kernels",
        "ask the course's service, past the proxy": (
            f"http://127.0.0.1:{port}/services/{COURSE}/api/contents"
        ),
        "open another's Lab": f"{hub.address}/user/{VICTIM}/lab",
        "ask another's server for files": f"{hub.address}/user/{VICTIM}/api/contents",
        "ask another's server for kernels": f"{hub.address}/user/{VICTIM}/api/kernels",
        "ask the hub for its users": f"{hub.address}/hub/api/users",
        "ask the hub for another": f"{hub.address}/hub/api/users/{VICTIM}",
        "ask the proxy for its routes": f"http://127.0.0.1:{hub.port + 2}/api/routes",
        "open the hub's administration": f"{hub.address}/hub/admin",
    }
    answers = {}
    for what, url in places.items():
        answer = intruder.page.request.get(url)
        if "/hub/login" in answer.url:
            answers[what] = "the login page"
        elif answer.status in FORBIDDEN:
            answers[what] = f"HTTP {answer.status}"
        else:
            answers[what] = f"{GAINED}{answer.status} {answer.url}"
    return answers


def from_a_kernel(hub: Any, intruder: Any, topic: str = "01-perceptron") -> dict[str, str]:
    """Run the attempts in the intruder's own kernel, in JupyterLab."""
    inbound = hub.build / "installation/exchange" / COURSE / "inbound"
    (work,) = inbound.glob(f"{VICTIM}+{topic}+*")
    code = ATTEMPTS
    known = f"/srv/nnkit/exchange/{COURSE}/inbound/{work.name}/{topic}.ipynb"
    for name, value in {
        "GAINED": GAINED,
        "HANDED_IN": known,
        "VICTIM": VICTIM,
        "COURSE": COURSE,
        "TOPIC": topic,
        '"ME"': f'"{intruder.name}"',
    }.items():
        code = code.replace(name, value)
    file = intruder.home / "attempts.py"
    file.write_text(code, encoding="utf-8")
    file.chmod(0o644)
    intruder.start_code("%run attempts.py")
    answers = intruder.home / "answers.json"
    wait_for(answers.exists, "the intruder's attempts did not finish")
    return json.loads(answers.read_text(encoding="utf-8"))


def forge(hub: Any, intruder: str, topic: str) -> int:
    """Submit under another student's name, an invalid name, and links to the grader's files."""
    script = f"""
        set -e
        cd /srv/nnkit/exchange/{COURSE}/inbound
        work=/srv/nnkit/exchange/{COURSE}/outbound/{topic}
        cp -r "$work" "{VICTIM}+{topic}+2031-01-01 00:00:00.000000 UTC+forged"
        mkdir "{intruder}+{topic}+no time at all"
        own="{intruder}+{topic}+2031-01-01 00:00:00.000000 UTC+link"
        cp -r "$work" "$own"
        echo "2031-01-01 00:00:00.000000 UTC" > "$own/timestamp.txt"
        ln -s /srv/nnkit/courses/{COURSE}/build/source/{topic}/{topic}.ipynb "$own/solution.ipynb"
        ln -s /srv/nnkit/courses/{COURSE}/gradebook.db "$own/grades.csv"
    """
    done = hub.run_as(intruder, ["bash", "-c", textwrap.dedent(script)])
    return done.returncode
