"""The section ``c.Cluster`` of nbgrader_config.py: how grading reaches a Dask cluster."""

from __future__ import annotations

from traitlets import Bool, Float, Unicode
from traitlets.config import Configurable


class Cluster(Configurable):
    """How ``autograder grade --dask ADDRESS`` reaches a cluster, and how long it waits.

    In ``nbgrader_config.py``, for example: ``c.Cluster.tls_ca = "/etc/nnkit/ca.pem"``.
    """

    tls_ca = Unicode(
        "", help="Certificate of the authority that signed the cluster's certificates."
    ).tag(config=True)
    tls_cert = Unicode("", help="Certificate of this command.").tag(config=True)
    tls_key = Unicode("", help="Key of that certificate, unless in the same file.").tag(config=True)
    insecure = Bool(False, help="Allow a scheduler without TLS on another machine.").tag(
        config=True
    )
    patience_minutes = Float(
        10.0, min=0.0, help="Minutes to wait for a lost scheduler or worker."
    ).tag(config=True)
