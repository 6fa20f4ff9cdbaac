"""Further settings of a course's server, which has the formgrader."""

import sys
from pathlib import Path

c = get_config()  # noqa: F821  (Jupyter provides it)

# Lab shows the formgrader in a frame, which JupyterHub forbids by default.
c.ServerApp.tornado_settings = {
    "headers": {"Content-Security-Policy": "frame-ancestors 'self'"},
}
# MathJax, for the formgrader's pages: see share/nbconvert.
c.ServerApp.extra_static_paths = [str(Path(sys.prefix).parent / "node/node_modules")]
