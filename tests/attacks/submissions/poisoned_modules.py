"""Replace modules for later imports: in ``sys.modules``, on the path, by import hooks.

Gain: the tests import the attacker's NumPy.
"""

# What it breaks on its own side is lost: the honest answer needs NumPy.
EXPECTED = {}

# %%
import builtins
import sys
import types
from pathlib import Path


class Yes(types.ModuleType):
    def __getattr__(self, name):
        return lambda *args, **kwargs: True


for name in ("numpy", "numpy.testing", "nnkit", "nnkit.checks", "math", "autograder.exam.wire"):
    sys.modules[name] = Yes(name)
for name in ("numpy", "nnkit", "sitecustomize", "usercustomize", "contextlib", "msgpack"):
    Path(f"{name}.py").write_text("raise SystemExit(0)")
sys.path.insert(0, str(Path.cwd()))
was = builtins.__import__
builtins.__import__ = lambda name, *rest: Yes(name) if "checks" in name else was(name, *rest)
