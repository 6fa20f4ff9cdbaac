"""A grading cluster on a batch system: a scheduler here, workers as jobs of Slurm.

Run it on a login node and leave it running while you grade::

    python slurm_cluster.py --workers 40 --tls ~/nnkit-tls --queue short

It prints the address for ``autograder grade --dask``. Needs ``pip install dask-jobqueue==0.9.0``;
it has classes for other batch systems, too, with the same arguments.
"""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from dask_jobqueue import SLURMCluster
from distributed.security import Security

# The exam limits a submission to 2 GiB per process and twice that in total; the worker, its proctor
# and the examiner need memory in addition.
MEMORY = "6GiB"


def main() -> None:
    """Start the scheduler, request workers, and run until Ctrl-C."""
    options = arguments().parse_args()
    with make(options) as cluster:
        if options.adapt:
            cluster.adapt(minimum=0, maximum=options.workers)
        else:
            cluster.scale(options.workers)
        tls = options.tls
        print(f"autograder grade TOPIC --dask {cluster.scheduler_address} \\")
        print(
            f"    --tls-ca {tls}/ca.pem --tls-cert {tls}/client.pem --tls-key {tls}/client-key.pem"
        )
        print("Ctrl-C ends the cluster and its jobs.", flush=True)
        signal.sigwait([signal.SIGINT, signal.SIGTERM])


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", type=int, default=10, help="jobs of one core each")
    parser.add_argument("--adapt", action="store_true", help="no more jobs than tasks")
    parser.add_argument("--tls", type=Path, required=True, help="the folder of certificates.sh")
    parser.add_argument("--queue", help="Slurm's partition")
    parser.add_argument("--account")
    parser.add_argument("--walltime", default="04:00:00")
    parser.add_argument("--interface", help="the network between login and compute nodes: ib0")
    parser.add_argument("--python", default="/srv/nnkit/env/bin/python", help="on the nodes")
    parser.add_argument(
        "--port", type=int, default=0, help="of the scheduler; default: a free port"
    )
    return parser


def make(options: argparse.Namespace) -> SLURMCluster:
    """Return the cluster, which has no jobs yet."""
    tls = options.tls.expanduser().resolve()
    security = Security(
        require_encryption=True,
        tls_ca_file=str(tls / "ca.pem"),
        **{
            f"tls_{role}_{part}": str(tls / f"{role}{end}.pem")
            for role in ("scheduler", "worker", "client")
            for part, end in (("cert", ""), ("key", "-key"))
        },
    )
    return SLURMCluster(
        cores=1,
        processes=1,
        memory=MEMORY,
        queue=options.queue,
        account=options.account,
        walltime=options.walltime,
        interface=options.interface,
        python=options.python,
        protocol="tls://",
        security=security,
        # A worker ends before its job does, so that its submission goes to another worker; its
        # files stay on its node.
        worker_extra_args=["--lifetime", "3h", "--lifetime-stagger", "10m"],
        local_directory="/tmp",
        job_script_prologue=["export TF_CPP_MIN_LOG_LEVEL=3 TF_ENABLE_ONEDNN_OPTS=0"],
        scheduler_options={"port": options.port, "dashboard_address": "127.0.0.1:0"},
    )


if __name__ == "__main__":
    main()
