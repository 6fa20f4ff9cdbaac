"""Turn outputs that came from student code into ones that may stand in a notebook."""

from __future__ import annotations

import json
from typing import Any

from autograder.exam.outputs import Output, Outputs

_RICH = ("display_data", "execute_result")


def cleaned(outputs: Any, limit: int) -> list[Output]:
    """Return outputs that came over the wire as nbformat wants them; drop what is not one.

    Whoever sent them may have sent anything.
    """
    kept = Outputs(limit)
    for item in outputs if type(outputs) is list else ():
        if type(item) is not dict:
            continue
        kind = item.get("output_type")
        if kind == "stream" and type(item.get("text")) is str:
            kept.write("stderr" if item.get("name") == "stderr" else "stdout", item["text"])
        elif kind in _RICH and (data := _bundle(item.get("data"))):
            kept.add({"output_type": "display_data", "data": data, "metadata": {}})
            if kind == "execute_result" and kept.items[-1].get("data") is data:
                kept.items[-1].update(output_type=kind, execution_count=None)
        elif kind == "error":
            trace = item.get("traceback")
            lines = [str(line) for line in trace] if type(trace) is list else []
            kept.error(str(item.get("ename")), str(item.get("evalue")), lines)
            if len(kept.items) > 100:
                break
    return kept.take()


def _bundle(data: Any) -> dict[str, Any]:
    """Return the representations whose content can stand in a notebook."""
    if type(data) is not dict:
        return {}
    kept = {}
    for mime, content in data.items():
        if type(mime) is not str or len(mime) > 200:
            continue
        if mime.endswith("json"):
            try:
                json.dumps(content)
            except (TypeError, ValueError):
                continue
            kept[mime] = content
        elif type(content) is str:
            kept[mime] = content
    return kept
