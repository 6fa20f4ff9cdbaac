"""The hub's configuration on Kubernetes is loose modules; the tests import them as the hub does."""

import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
sys.path[:0] = [str(DEPLOY / name) for name in ("kubernetes", "jupyterhub", "jupyterhub/config")]
