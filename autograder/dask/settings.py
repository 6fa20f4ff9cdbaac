"""The section ``c.Cluster`` of nbgrader_config.py: how grading reaches a Dask cluster."""

from __future__ import annotations

from traitlets import Bool, Float, Unicode
from traitlets.config import Configurable


class Cluster(Configurable):
    """How ``autograder grade --dask ADDRESS`` reaches a cluster, and how patient it is.

    In ``nbgrader_config.py``, for example: ``c.Cluster.tls_ca = "/etc/nnkit/ca.pem"``.
    """

    tls_ca = Unicode("", help="The certificate that signed those of the cluster.").tag(config=True)
    tls_cert = Unicode("", help="This command's own certificate.").tag(config=True)
    tls_key = Unicode("", help="Its key, unless it is in the same file.").tag(config=True)
    insecure = Bool(False, help="Use a scheduler without TLS also off this machine.").tag(
        config=True
    )
    patience_minutes = Float(
        10.0, min=0.0, help="Minutes to wait for a scheduler, or for a worker, to come back."
    ).tag(config=True)
