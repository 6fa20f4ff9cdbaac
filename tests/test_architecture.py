"""Which packages import which: no circle, and no arrow from what students have to what grades."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("nnkit", "autograder")
# What the exam may use of the autograder besides itself: it holds no secret and grades nothing.
SHARED = {"errors", "removal", "remarks"}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {name_of(path): path for package in OURS for path in (ROOT / package).rglob("*.py")}


def imported(source: str) -> set[str]:
    """Return the modules that a source imports, in functions and under TYPE_CHECKING too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write the package's whole name"
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = members & FILES.keys()
            found |= modules | ({node.module} if modules != members else set())
    return found


IMPORTS = {name: imported(path.read_text("utf-8")) for name, path in FILES.items()}


def circle(imports: dict[str, set[str]]) -> None:
    """Raise a `graphlib.CycleError`, which names them, if modules import each other in a circle."""
    TopologicalSorter({name: found - {name} for name, found in imports.items()}).prepare()


def test_a_circle_is_found_wherever_its_imports_stand():
    top = "from autograder.errors import AutograderError"
    late = "def f():\n    from autograder.check import command as check"
    checked = "if TYPE_CHECKING:\n    import autograder.check.command as c"
    assert imported(top) == {"autograder.errors"}
    for back in (late, checked):
        assert imported(back) == {"autograder.check.command"}
        with pytest.raises(ValueError, match=r"nodes are in a cycle"):
            circle({"autograder.check.command": imported(top), "autograder.errors": imported(back)})


def test_a_module_is_told_from_a_name_of_its_package():
    both = imported("from autograder.exam.sandbox import available, cgroup")
    assert both == {"autograder.exam.sandbox", "autograder.exam.sandbox.cgroup"}


def test_arrows_point_one_way():
    """nnkit stands alone, the exam knows nothing of grading, and nothing imports a solution."""
    for name, modules in IMPORTS.items():
        for module in modules:
            package, _, rest = module.partition(".")
            said = f"{name} imports {module}"
            assert package not in ("solutions", "assignments", "tests", "benchmarks"), said
            if name.split(".")[0] == "nnkit":
                assert package != "autograder", said
            if name.startswith("autograder.exam") and package == "autograder":
                assert rest.split(".")[0] in {"", "exam", *SHARED}, said


def test_the_page_about_the_layout_names_every_package():
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    packages = {path.parent.name for path in (ROOT / "autograder").glob("*/__init__.py")}
    assert {name for name in packages if f"{name}/" not in page} == set()


def test_every_file_that_the_page_about_the_layout_names_is_there():
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    paths = re.findall(r"`((?:autograder|nnkit|solutions|tests|docs)/[\w./-]+)`", page)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []
