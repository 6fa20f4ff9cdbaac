"""The hub's configuration on Kubernetes is top-level modules; tests import them like the hub."""

import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
sys.path[:0] = [str(DEPLOY / name) for name in ("kubernetes", "jupyterhub", "jupyterhub/config")]
