"""A notebook whose every part tries to run script in the browser of whoever reads about it."""

from __future__ import annotations

import base64

import nbformat

from autograder.course import Course
from nnkit.front import FIGURE_TYPE
from tests.support import toy_course as toy

ACT = "window.owned=(window.owned||0)+1"
ELSEWHERE = "http://127.0.0.1:9/seen"
#: Markup that acts, or tells another server that it is read.
MARKUP = [
    f"<script>{ACT}</script>",
    f'<img src="x" onerror="{ACT}">',
    f"<svg onload='{ACT}'><script>{ACT}</script></svg>",
    f'<iframe srcdoc="<script>parent.{ACT}</script>"></iframe>',
    f'<a href="javascript:{ACT}" id="trap">a link</a>',
    f'<details open ontoggle="{ACT}">x</details>',
    f'<input autofocus onfocus="{ACT}">',
    f'<math><mtext><table><mglyph><style><img src=x onerror="{ACT}">',
    f'<video><source onerror="{ACT}"></video>',
    f'<img src="{ELSEWHERE}.png">',
    f'<link rel="stylesheet" href="{ELSEWHERE}.css">',
    f"<style>@import '{ELSEWHERE}.css'; body {{ display: none }}</style>",
    f'<meta http-equiv="refresh" content="0; url={ELSEWHERE}">',
    f'<base href="{ELSEWHERE}">',
    f'<form action="{ELSEWHERE}"><button autofocus>Go on</button></form>',
    f"</pre></code></div></section><script>{ACT}</script>",
    f'"><script>{ACT}</script>',
    rf"$\href{{javascript:{ACT}}}{{x}} \style{{background:url({ELSEWHERE}.svg)}}{{y}}$",
    rf"$\text{{</mtext></math><img src=x onerror={ACT}>}}$ $$\unicode{{x3c}}script{ACT}$$",
    f'<span class="formula"><img src=x onerror="{ACT}">x</span>',
]
SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{ACT}" width="20" height="20">'
    f'<script>{ACT}</script><image href="{ELSEWHERE}.png" width="9" height="9"/></svg>'
)
LINK = f"[click](javascript:{ACT}) ![picture]({ELSEWHERE}.png) <{ELSEWHERE}>"


def hostile(course: Course) -> nbformat.NotebookNode:
    """Return a notebook with the attacks in its text, code, names, outputs and attachments."""
    everything = "\n\n".join(MARKUP)
    notebook = toy.solved(
        course,
        {
            "double": f'def double(x):\n    """{MARKUP[0]}"""\n    return "{MARKUP[0]}"',
            "half": f"def half(x):\n    raise ValueError({MARKUP[1]!r})",
            "explain": f"{everything}\n\n{LINK}\n\n![mine](attachment:{MARKUP[1]})",
        },
    )
    answer = toy.cell(notebook, "explain")
    drawing = base64.b64encode(SVG.encode()).decode()
    answer.attachments = {MARKUP[1]: {"image/svg+xml": SVG, "image/png": drawing}}
    heading = nbformat.v4.new_markdown_cell(f"## {MARKUP[0]} {MARKUP[1]}")
    own = nbformat.v4.new_code_cell(f"print('''{everything}''')")
    new = nbformat.v4.new_output
    own.outputs = [
        new("stream", text=everything),
        new("display_data", {"text/html": f'{everything}<img src="data:image/png;base64,iVBO">'}),
        new("display_data", {FIGURE_TYPE: {"alt": everything}, "image/svg+xml": SVG}),
        new("display_data", {FIGURE_TYPE: [everything], "image/svg+xml": SVG}),
        new("display_data", {"image/png": f'"><script>{ACT}</script>'}),
        new("display_data", {"image/jpeg": drawing, "text/markdown": everything}),
        new("error", ename=MARKUP[0], evalue=MARKUP[1], traceback=[everything]),
        new("display_data", {"application/javascript": ACT, "text/latex": f"$\\href{{{ACT}}}$"}),
    ]
    notebook.cells[1:1] = [heading]
    notebook.cells.append(own)
    return notebook
