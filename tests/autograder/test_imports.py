"""How the modules of grading and of the exam import each other, and what their guide names."""

import ast
import importlib
import re
from pathlib import Path

import autograder
from autograder import grading

ROOT = Path(autograder.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for part in ("grading", "exam")
    for path in (ROOT / part).rglob("*.py")
}


def imported(path: Path) -> set[str]:
    """Return the modules that one imports anywhere: within functions, and for types, too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & set(MODULES)


def test_no_module_imports_itself_round_a_circle() -> None:
    left = {
        name: imported(path) - {name, name.rpartition(".")[0]}  # its package is there before it
        for name, path in MODULES.items()
    }
    while free := [name for name, found in left.items() if not found & set(left)]:
        for name in free:
            del left[name]
    assert left == {}


def test_the_exam_knows_nothing_of_grading() -> None:
    exam = {name: path for name, path in MODULES.items() if name.startswith("autograder.exam")}
    assert [n for n, path in exam.items() if any("grading" in m for m in imported(path))] == []


def test_what_the_guide_through_grading_names_is_there() -> None:
    names = re.findall(r"`([A-Za-z_.]+)`", grading.__doc__)
    assert len(names) > 30
    for name in names:
        first, *rest = name.removeprefix("autograder.").split(".")
        package = "autograder" if name.startswith("autograder.") else "autograder.grading"
        found = importlib.import_module(f"{package}.{first}")
        for part in rest:
            module = f"{found.__name__}.{part}"
            found = importlib.import_module(module) if module in MODULES else getattr(found, part)
