"""Start a demonstration hub on this machine's loopback address: ``make hub``.

What it sets up is kept under build/hub/, so that a second start takes seconds.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demo.demonstration import COURSE, INSTRUCTOR, Demonstration, HubError

SIMPLE_WARNING = (
    "Everybody is your own account here: this shows the pages, but keeps nobody apart.\n"
    "Started by root, the demonstration gives everybody a real account."
)


def show(hub: Demonstration) -> None:
    """Print where to go and who one can be."""
    people = hub.people()
    width = max(map(len, people))
    print(f"\nThe hub is at {hub.address}. Log in as one of these, with the password beside it:\n")
    for name, password in people.items():
        role = "instructor" if name == INSTRUCTOR else "student"
        print(f"  {name:{width}}  {password}  {role}")
    print(f"\nStudents: Nbgrader → Assignment List. {INSTRUCTOR}: the course's formgrader is at")
    print(f"{hub.address}/services/{COURSE}/lab?formgrader=true")
    if not hub.real_accounts:
        print(f"\n{SIMPLE_WARNING}")
    print(f"\nWhat the hub says is in {hub.log}. Ctrl-C stops it.", flush=True)


def main() -> None:
    """Start, print, wait for Ctrl-C, stop."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--students", type=int, default=3)
    arguments.add_argument("--setup-only", action="store_true", help="set up, but do not start")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    hub = Demonstration(port=options.port, students=options.students)
    status = 0
    try:
        hub.start(setup_only=options.setup_only)
        if not options.setup_only:
            show(hub)
            status = hub.wait()
            print(f"The hub has ended by itself: see {hub.log}.")
    except HubError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        hub.stop()
    sys.exit(status)


if __name__ == "__main__":
    main()
