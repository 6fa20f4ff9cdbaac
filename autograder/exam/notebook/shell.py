"""IPython's shell as the exam uses it: no terminal, no history on disk, outputs collected."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Any as AnyTrait
from traitlets import Instance, Type, default
from traitlets.config import Config

from autograder.exam.notebook.outputs import Outputs, Stream


class Transformers(TransformerManager):
    """Transforms a cell as IPython does, but searches for ``%``, ``!`` and ``?`` only if needed.

    IPython searches for them token by token, which takes longer than most cells.
    """

    def do_token_transforms(self, lines: list[str]) -> list[str]:
        """Return the lines as Python code; lines that are Python already stay as they are."""
        stock = len(self.token_transformers) == _TOKEN_TRANSFORMERS
        return lines if stock and _is_python("".join(lines)) else super().do_token_transforms(lines)


_TOKEN_TRANSFORMERS = len(TransformerManager().token_transformers)


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


class Publisher(DisplayPublisher):
    """Collects what ``display`` shows."""

    def publish(
        self,
        data: dict[str, Any],
        *_: Any,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **__: Any,
    ) -> None:
        """Add an output; an update changes those shown under the same id."""
        display = (transient or {}).get("display_id")
        output = {"output_type": "display_data", "data": dict(data), "metadata": {}}
        shown = self.shell.displays.get(display, []) if display else []
        if update:
            for earlier in shown:
                earlier["data"] = output["data"]
            return
        self.shell.outputs.add(output)
        if display:
            self.shell.displays.setdefault(display, []).append(output)

    def clear_output(self, wait: bool = False) -> None:
        """Remove the outputs so far."""
        self.shell.outputs.wipe(wait)


class Hook(DisplayHook):
    """Collects the value of a cell's last expression."""

    def write_output_prompt(self) -> None:
        """Print no prompt."""

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:  # noqa: ARG002
        """Add the value to the outputs."""
        output = {
            "output_type": "execute_result",
            "data": dict(format_dict),
            "metadata": {},
            "execution_count": self.prompt_count,
        }
        self.shell.outputs.add(output)

    def finish_displayhook(self) -> None:
        """Flush nothing: there is no terminal."""


class ExamShell(InteractiveShell):
    """The shell of candidate and examiner; `nnkit.once` uses its ``once``, if it is set."""

    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)
    input_transformer_manager = Instance(TransformerManager)
    outputs = AnyTrait()
    displays = AnyTrait()
    once = AnyTrait()

    @default("input_transformer_manager")
    def _input_transformer_manager_default(self) -> Transformers:
        return Transformers()

    def should_run_async(self, raw_cell: str, **options: Any) -> bool:
        """Return whether a cell awaits something; IPython compiles every cell to find out."""
        awaits = "await" in raw_cell or "async" in raw_cell
        return awaits and super().should_run_async(raw_cell, **options)

    def ask_exit(self) -> None:
        """Let ``exit`` and ``quit`` in a cell do nothing: the notebook goes on."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept any GUI and start none."""

    def system_raw(self, cmd: str) -> None:
        """Run ``!command`` without a terminal; print its output."""
        done = subprocess.run(
            self.var_expand(cmd, depth=1),
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        print(done.stdout.decode("utf-8", "replace"), end="")
        self.user_ns["_exit_code"] = done.returncode

    system = system_piped = system_raw

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        try:
            message = str(evalue)
        except Exception:
            message = ""
        self.outputs.error(etype.__name__, message, [str(line) for line in stb])

    def live_in(self, namespace: MutableMapping[str, Any]) -> None:
        """Use another namespace, a kind of dict, for all code from now on."""
        namespace.update(self.user_ns)
        self.user_module, self.user_ns = self.prepare_user_module(None, namespace)
        self.ns_table.update(user_global=self.user_ns, user_local=self.user_ns)
        self.init_sys_modules()


def make_shell() -> ExamShell:
    """Make the shell of this process, before it is forked: that is half its cost.

    No home directory is read or changed, and no thread is started.
    """
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    config.IPCompleter.use_jedi = False
    folder = tempfile.mkdtemp(prefix="exam-")
    try:
        shell = ExamShell.instance(config=config, ipython_dir=folder)
        shell.outputs, shell.displays = Outputs(1 << 20), {}
        shell.enable_matplotlib("inline")
        _warm_up(shell)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return shell


def _warm_up(shell: ExamShell) -> None:
    """Do everything once that is slow the first time: run a cell, show an error, draw a figure."""
    stdout = sys.stdout
    sys.stdout = Stream(shell.outputs, "stdout", 1)
    try:
        for source in ("pass", "1 / 0", _FIGURE):
            shell.run_cell(source, store_history=False)
    finally:
        sys.stdout = stdout
    shell.outputs.clear()
    shell.execution_count = 1


_FIGURE = """
import matplotlib.pyplot
figure, axis = matplotlib.pyplot.subplots()
axis.plot([0, 1], label="$x$")
axis.set(title="warm", xlabel="up")
axis.legend()
matplotlib.pyplot.show()
del figure, axis, matplotlib
"""


def redirect(shell: ExamShell) -> None:
    """Send all printed text to the shell's outputs; make input empty."""
    sys.stdout = sys.__stdout__ = Stream(shell.outputs, "stdout", 1)
    sys.stderr = sys.__stderr__ = Stream(shell.outputs, "stderr", 2)
    sys.stdin = sys.__stdin__ = Path("/dev/null").open()  # noqa: SIM115


def run(shell: ExamShell, source: str) -> BaseException | None:
    """Run one cell; return the exception that ended it, if any."""
    result = shell.run_cell(source, store_history=True)
    return result.error_before_exec or result.error_in_exec
