"""Make valid notebook outputs from the outputs of student code."""

from __future__ import annotations

import json
from typing import Any

from autograder.exam.notebook.outputs import Output, Outputs

_RICH = ("display_data", "execute_result")


def cleaned(outputs: Any, limit: int) -> list[Output]:
    """Return outputs in nbformat's form, as plain data; drop invalid ones.

    The outputs are not trusted: a field is compared or joined only after it is known to be text.
    """
    kept = Outputs(limit)
    for item in outputs if type(outputs) is list else ():
        if type(item) is not dict:
            continue
        kind = _text(item, "output_type")
        if kind == "stream":
            kept.write(
                "stderr" if _text(item, "name") == "stderr" else "stdout", _text(item, "text")
            )
        elif kind in _RICH and (data := _bundle(item.get("data"))):
            kept.add({"output_type": "display_data", "data": data, "metadata": {}})
            if kind == "execute_result" and kept.items[-1].get("data") is data:
                kept.items[-1].update(output_type=kind, execution_count=None)
        elif kind == "error":
            trace = item.get("traceback")
            lines = [line for line in trace if type(line) is str] if type(trace) is list else []
            kept.error(_text(item, "ename"), _text(item, "evalue"), lines)
            if len(kept.items) > 100:
                break
    return kept.take()


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return value if type(value) is str else ""


def _bundle(data: Any) -> dict[str, Any]:
    """Return the representations whose content is valid in a notebook."""
    kept: dict[str, Any] = {}
    for mime, content in data.items() if type(data) is dict else ():
        if type(mime) is not str or len(mime) > 200:
            continue
        if mime.endswith("json"):
            try:
                kept[mime] = json.loads(json.dumps(content, allow_nan=False))
            except (TypeError, ValueError, RecursionError):
                continue
        elif type(content) is str:
            kept[mime] = content
    return kept
