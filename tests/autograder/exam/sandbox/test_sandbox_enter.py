"""Entering the sandbox: who one is there, what one finds, and how it ends."""

import os
import signal
import textwrap
from pathlib import Path

import pytest

from autograder.exam import sandbox
from tests.support import require, sandbox_lab
from tests.support.sandbox_lab import COURSE, WHO, inside


def only_root(test):
    """Collect a test only where root can arrange what it needs: a skipped one fails in CI."""
    return test if os.geteuid() == 0 else None


@pytest.fixture(scope="module", autouse=True)
def _possible():
    found = sandbox.available()
    require(found.ok, f"{found.reason}; {found.remedy}")


@pytest.fixture(params=WHO)
def who(request):
    return request.param


def test_candidate_is_process_one_without_rights(who):
    (pid, capabilities, status, where), _ = inside(
        """
        status = dict(l.split(":\\t", 1) for l in open("/proc/self/status").read().splitlines())
        tell([os.getpid(), linux.capabilities(), status, os.getcwd()])
        """,
        who,
    )
    assert pid == 1
    assert where == "/scratch"
    assert not any(capabilities)
    for name in ("CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert status["NSsid"] == "1"


@only_root
def test_root_gives_each_candidate_an_id_of_its_own():
    told = [inside("tell([os.getuid(), os.getgid(), os.getgroups()])")[0] for _ in range(2)]
    (first, group, groups), (second, *_) = told
    assert min(first, second, group) > 65534
    assert first != second
    assert groups in ([], [group])


def test_only_the_view_exists(who):
    code = f"""
    course = Path({str(COURSE)!r})
    seen = sorted(str(p) for p in Path("/").iterdir())
    tell([seen, sorted(p.name for p in course.iterdir()) if course.exists() else []])
    """
    (top, course), _ = inside(code, who)
    assert {"/home", "/srv", "/var", "/run", "/sys", "/.former"}.isdisjoint(top)
    assert {"solutions", "autograder", "tests", "nbgrader_config.py"}.isdisjoint(course)


def test_side_files_are_copied_and_nothing_else(who, tmp_path):
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    files = tmp_path / "files"
    (files / "data").mkdir(parents=True)
    (files / "data" / "räder 1.csv").write_text("1,2")
    (files / "big.bin").write_bytes(bytes(3 << 20))
    (files / "topic.ipynb").write_text("hidden tests")
    (files / "link.txt").symlink_to(outside)
    (files / "folder-link").symlink_to(tmp_path)
    os.mkfifo(files / "pipe")
    own = [p for p in tmp_path.parents if p.name.startswith(("pytest-", "popen-"))]
    for folder in (*reversed(own), tmp_path):
        folder.chmod(0o755)
    code = """
    Path("data", "räder 1.csv").write_text("changed")
    tell(sorted(str(p.relative_to(scratch)) for p in scratch.rglob("*")))
    """
    before = f"files, limits = Path({str(files)!r}), Limits(scratch_bytes=4 << 20)"
    assert inside(code, who, before=before)[0] == ["data", "data/räder 1.csv"]
    assert (files / "data" / "räder 1.csv").read_text() == "1,2"


def test_what_is_readable_may_lie_below_the_temporary_folder(tmp_path):
    """A course cloned into a folder of /tmp, say: the candidate's own /tmp must not cover it."""
    (tmp_path / "data.txt").write_text("there")
    tmp_path.chmod(0o755)
    before = f"""
    from dataclasses import replace
    usual = sandbox.default_view(None)
    sandbox.default_view = lambda _: replace(
        usual, readable=(*usual.readable, Path({str(tmp_path)!r}))
    )
    """
    code = f"""
    (Path("/tmp") / "own.txt").write_text("writable")
    tell(Path({str(tmp_path / "data.txt")!r}).read_text())
    """
    assert str(tmp_path).startswith("/tmp/")
    assert inside(code, before=before)[0] == "there"


def test_a_linked_folder_is_not_copied(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "secret.txt").write_text("secret")
    (tmp_path / "link").symlink_to("real")
    before = f"files = Path({str(tmp_path / 'link')!r})"
    assert inside("tell(os.listdir())", before=before)[0] == []


def test_environment_is_fixed_and_the_old_one_wiped(who):
    # The marker is built in pieces: the script's own text on the command line must not count.
    before = """
    if "EXAM_MARK" not in os.environ:
        os.execve(sys.executable, sys.orig_argv, {**os.environ, "EXAM_MARK": "to" + "ken"})
    """
    code = """
    import ctypes
    fields = open("/proc/self/stat").read().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    ctypes.CDLL(None).getenv.restype = ctypes.c_char_p
    tell([dict(os.environ), any(ctypes.string_at(start, end - start)),
          repr(ctypes.CDLL(None).getenv(b"EXAM_MARK"))])
    """
    (variables, left, c_value), _ = inside(code, who, before=before)
    assert "EXAM_MARK" not in variables
    assert variables["HOME"] == "/scratch"
    assert not left
    assert c_value in ("None", "0")


def test_inherited_descriptors_are_closed_but_the_kept(who):
    before = "leak = os.open('/etc/hostname', os.O_RDONLY)"
    code = """
    kinds = {}
    for descriptor in range(256):
        try:
            kinds[descriptor] = os.fstat(descriptor).st_rdev
        except OSError:
            pass
    tell([list(kinds), outlet, [kinds[n] == os.stat("/dev/null").st_rdev for n in (0, 1, 2)]])
    """
    (opened, kept, null), _ = inside(code, who, before=before)
    assert opened == [0, 1, 2, kept]
    assert all(null)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("os._exit(7)", 7),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
        ("os.abort()", -signal.SIGSEGV),  # process 1 ignores SIGABRT; abort has a second way
        ("tell('done')", 0),
    ],
)
def test_the_outer_process_ends_as_the_candidate(who, code, status):
    assert inside(code, who)[1] == status


def test_interrupt_reaches_the_candidate(who):
    code = """
    try:
        os.write(outlet, b"1")
        time.sleep(600)
    except KeyboardInterrupt:
        os.write(outlet, b"2")
    """
    outside = "heard = os.read(inlet, 1); os.kill(child, signal.SIGINT); heard += os.read(inlet, 1)"
    outside += "; assert heard == b'12', heard"
    assert inside(code, who, outside=outside) == (None, 0)


# A background process holds the pipe open for as long as it lives.
LINGER = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(outlet, b'"ready"')
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""


def test_killing_the_outer_process_ends_all(who):
    outside = "assert os.read(inlet, 7) == b'\"ready\"'; os.kill(child, signal.SIGKILL)"
    assert inside(LINGER, who, outside=outside) == (None, -signal.SIGKILL)


def test_death_of_the_parent_ends_all(who):
    before = """
    back, front = os.pipe()
    middle = os.fork()
    if middle:
        os.close(front)
        heard = os.read(back, 100)
        os.kill(middle, signal.SIGKILL)
        while block := os.read(back, 100):
            heard += block
        print(json.dumps([json.loads(heard), os.waitstatus_to_exitcode(os.waitpid(middle, 0)[1])]))
        sys.exit()
    pipe = os.pipe
    os.pipe = lambda: (setattr(os, "pipe", pipe), (os.open("/dev/null", 0), front))[1]
    """
    heard, status = inside(LINGER, who, before=before, outside="time.sleep(600)")
    assert heard == "ready"
    assert status == -signal.SIGKILL


def test_a_family_that_eats_memory_is_killed(who):
    code = """
    for _ in range(4):
        if os.fork() == 0:
            eaten = b"x" * (60 << 20)
            time.sleep(600)
    time.sleep(600)
    """
    before = "limits = Limits(memory_bytes=100 << 20)"
    assert inside(code, who, before=before)[1] == -signal.SIGKILL


def test_limits_hold(who):
    code = """
    import errno, resource
    caught = []
    def fill():
        for name in "abc":
            Path(name).write_bytes(bytes(6 << 20))
    for spoil in (lambda: bytearray(200 << 20),
                  lambda: Path("big").write_bytes(bytes(9 << 20)),
                  fill,
                  lambda: [os.dup(0) for _ in range(100)]):
        try:
            spoil()
        except (MemoryError, OSError) as error:
            number = getattr(error, "errno", None)
            caught.append(errno.errorcode.get(number, type(error).__name__))
    tell([caught, resource.getrlimit(resource.RLIMIT_CORE)])
    """
    before = """
    MIB = 1 << 20
    limits = Limits(
        memory_bytes=150 * MIB, file_bytes=8 * MIB, open_files=50, scratch_bytes=16 * MIB
    )
    """
    (caught, core), _ = inside(code, who, before=before)
    assert caught == ["MemoryError", "EFBIG", "ENOSPC", "EMFILE"]
    assert core == [0, 0]


def test_the_second_wall_holds_without_the_filter(who):
    code = """
    from contextlib import suppress
    got = []
    for attempt in (lambda: linux.unshare(linux.NEW_USER),
                    lambda: linux.unshare(linux.NEW_MOUNT),
                    lambda: linux.unmount("/scratch"),
                    lambda: linux.mount(None, "/", flags=linux.REMOUNT | linux.BIND),
                    lambda: linux.mount("tmpfs", "/usr", "tmpfs"),
                    lambda: Path("/usr/lib/x").touch(),
                    lambda: os.setuid(0)):
        with suppress(OSError):
            attempt()
            got.append(1)
    tell(got)
    """
    assert inside(code, who, before="seccomp.install = lambda: None")[0] == []


def test_before_linux_5_12_mounts_are_sealed_one_by_one(who):
    before = """
    import errno
    def seal(place):
        raise OSError(errno.ENOSYS, "no mount_setattr")
    linux.seal = seal
    """
    code = """
    rows = [line.split() for line in open("/proc/self/mounts")]
    bound = [row for row in rows if row[1].startswith(("/usr", "/etc", "/work", "/root"))]
    sealed = [{"ro", "nosuid", "nodev"} <= set(row[3].split(",")) for row in bound]
    tell([len(bound), [row[1] for row, good in zip(bound, sealed) if not good]])
    """
    (count, writable), _ = inside(code, who, before=before)
    assert count > 5
    assert writable == []


# As Docker does it for containers: a part of /proc is covered, so the kernel gives no fresh one.
MASKED = f"""
sys.path.insert(0, {str(Path(sandbox_lab.__file__).parent)!r})
import sandbox_lab
from autograder.exam.sandbox.selftest import honest
linux.unshare(linux.NEW_MOUNT)
linux.mount(None, "/", flags=linux.RECURSIVE | linux.PRIVATE)
linux.mount("tmpfs", "/proc/acpi", "tmpfs")
sandbox_lab._become_ordinary()
"""


@only_root
def test_where_proc_is_masked_only_the_candidate_is_there():
    code = """
    import subprocess
    tell([os.listdir("/proc"), len(os.listdir("/proc/self/task")), os.environ["HOME"],
          subprocess.run(["echo", "hello"], capture_output=True, text=True).stdout])
    """
    (listing, tasks, home, hello), _ = inside(code, before=MASKED)
    assert not any(name.isdigit() for name in listing)
    assert {"self", "cpuinfo"} <= set(listing)
    assert (tasks, home, hello) == (1, "/scratch", "hello\n")


@only_root
@pytest.mark.slow
def test_where_proc_is_masked_honest_work_runs():
    found, _ = inside("tell(honest.do_all({}))", before=MASKED)
    assert [row for row in found if not row[1]] == []


# Root of a container: no CAP_SYS_ADMIN (21), and perhaps no way to take other ids (6, 7).
@only_root
@pytest.mark.parametrize(("missing", "own_id"), [((21,), True), ((21, 6, 7), False)])
def test_root_of_a_container_is_locked_in_too(missing, own_id):
    before = f"""
    import ctypes
    held = linux.capabilities()[0] & ~sum(1 << number for number in {missing})
    low, high = held & 0xFFFFFFFF, held >> 32
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    header = linux._CapabilityHeader(version=linux._CAPABILITY_VERSION_3)
    linux._check(linux._libc.capset(ctypes.byref(header), ctypes.byref(sets)))
    """
    code = """
    tell([os.getuid(), linux.capabilities(), open("/proc/self/uid_map").read().split()])
    """
    (uid, capabilities, uid_map), _ = inside(code, before=before)
    assert not any(capabilities)
    assert uid_map == ([str(uid), str(uid), "1"] if own_id else ["1000", "0", "1"])
    assert (uid > 65534) == own_id


def test_threads_of_the_caller_are_named():
    before = """
    import threading
    fork = os.fork
    def fork_with_thread():
        child = fork()
        if child == 0:
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        return child
    os.fork = fork_with_thread
    """
    heard, _ = inside("", before=before)
    assert heard.startswith("SandboxError")
    assert "several threads" in heard


# Each takes memory that neither private pages nor open files show.
HOARDS = {
    "page tables": """
        import mmap
        for _ in range(12):
            if os.fork() == 0:
                libc = ctypes.CDLL(None)
                libc.mmap.restype = ctypes.c_void_p
                size = 6 << 30
                place = libc.mmap(None, ctypes.c_size_t(size), 1, 0x4022, -1, 0)
                libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(size), 15)
                for offset in range(0, size, 2 << 20):
                    ctypes.c_char.from_address(place + offset).value
                time.sleep(600)
        """,
    "sockets": """
        kept = []
        for _ in range(3):
            if os.fork() == 0:
                while True:
                    try:
                        kept += socket.socketpair()
                    except OSError:
                        time.sleep(600)
        """,
    "connections that nobody accepts": """
        server = socket.socket(socket.AF_UNIX)
        server.bind("waiting")
        server.listen(4096)
        for _ in range(700):
            client = socket.socket(socket.AF_UNIX)
            client.connect("waiting")
            client.close()
        """,
    "locks": """
        import fcntl, struct
        for number in range(3):
            if os.fork() == 0:
                with open(str(number), "wb") as file:
                    for place in range(1000):
                        lock = struct.pack("hhqqi", fcntl.F_WRLCK, 0, 2 * place, 1, 0)
                        fcntl.fcntl(file, fcntl.F_SETLK, lock)
                    time.sleep(600)
        """,
}


@pytest.mark.parametrize("hoard", HOARDS)
def test_what_the_kernel_holds_for_a_family_counts(who, hoard):
    code = "import ctypes, socket\n" + textwrap.dedent(HOARDS[hoard]) + "\ntime.sleep(600)"
    before = """
    from autograder.exam.sandbox import rlimits as limiting
    limits = Limits(memory_bytes=100 << 20)
    limiting._LOCK_BYTES = 100_000
    """
    assert inside(code, who, before=before)[1] == -signal.SIGKILL


def test_descriptors_on_their_way_are_few(who):
    """They are open nowhere; the kernel allows a user as many as a process may have open."""
    code = """
    import socket
    first, second = socket.socketpair()
    sent = 0
    try:
        while sent < 10_000:
            with socket.socket(socket.AF_UNIX) as other:
                socket.send_fds(first, [b"x"], [other.fileno()] * 4)
            sent += 4
    except OSError:
        tell(sent)
    """
    sent, _ = inside(code, who)
    assert 0 < sent < 1000


HONEST = {
    "asyncio": """
        import asyncio
        async def work():
            process = await asyncio.create_subprocess_exec("echo", stdout=asyncio.subprocess.PIPE)
            await process.communicate()
            return await asyncio.to_thread(sum, [1, 2])
        tell(asyncio.run(work()))
        """,
    "multiprocessing": """
        import multiprocessing
        with multiprocessing.Pool(2) as pool:
            tell(sum(pool.map(abs, [-1, 2])))
        """,
    "a manager's socket": """
        import multiprocessing
        with multiprocessing.Manager() as manager:
            tell(manager.list([1, 2])[0] + 2)
        """,
    "concurrent.futures": """
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(2) as pool:
            tell(sum(pool.map(abs, [-1, 2])))
        """,
    "joblib's semaphores": """
        import multiprocessing
        with multiprocessing.Lock(), multiprocessing.Semaphore(2):
            tell(3)
        """,
    "sqlite3's locks": """
        import sqlite3
        with sqlite3.connect("data.db") as database:
            database.execute("create table t (x)")
            database.execute("insert into t values (1), (2)")
        tell(database.execute("select sum(x) from t").fetchone()[0])
        """,
    "h5py's locks": """
        import h5py
        with h5py.File("data.h5", "w") as file:
            file["x"] = [1, 2]
        with h5py.File("data.h5") as file:
            tell(int(sum(file["x"])))
        """,
    "many threads": """
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(40) as pool:
            tell(len(set(pool.map(lambda x: len(bytes(1 << 20)) and x, range(200)))) - 197)
        """,
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_has_the_kernel_memory_that_it_needs(who, name):
    assert inside(HONEST[name], who) == (3, 0)
