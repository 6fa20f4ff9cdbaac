"""Start a demonstration hub on this machine's loopback address: ``make hub``.

Its files are kept under build/hub/, so a second start takes seconds.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demo.demonstration import COURSE, INSTRUCTOR, Demonstration, HubError

SIMPLE_WARNING = (
    "All users share your account here: this shows the pages, but does not separate the users.\n"
    "When root starts the demonstration, each user has a real account."
)


def show(hub: Demonstration) -> None:
    """Print the address and the accounts."""
    people = hub.people()
    width = max(map(len, people))
    print(f"\nThe hub is at {hub.address}. Log in with one of these names and passwords:\n")
    for name, password in people.items():
        role = "instructor" if name == INSTRUCTOR else "student"
        print(f"  {name:{width}}  {password}  {role}")
    print(f"\nStudents: Nbgrader → Assignment List. {INSTRUCTOR}: the course's formgrader is at")
    print(f"{hub.address}/services/{COURSE}/lab?formgrader=true")
    if not hub.real_accounts:
        print(f"\n{SIMPLE_WARNING}")
    print(f"\nThe log is {hub.log}. Ctrl-C stops the hub.", flush=True)


def main() -> None:
    """Start the hub, show its address, and stop it at Ctrl-C."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--students", type=int, default=3)
    arguments.add_argument("--setup-only", action="store_true", help="do not start the hub")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    hub = Demonstration(port=options.port, students=options.students)
    status = 0
    try:
        hub.start(setup_only=options.setup_only)
        if not options.setup_only:
            show(hub)
            status = hub.wait()
            print(f"The hub has stopped unexpectedly: see {hub.log}.")
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
