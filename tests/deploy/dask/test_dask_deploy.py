"""The files that start a cluster pass the checks that need no cluster."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

HERE = Path(__file__).resolve().parents[3] / "deploy" / "dask"
KUBERNETES = HERE.parent / "kubernetes"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "tls"
    line = ["sh", str(HERE / "certificates.sh"), str(folder), "2"]
    subprocess.run(line, check=True, capture_output=True)
    return folder


def slurm() -> ModuleType:
    spec = importlib.util.spec_from_file_location("slurm_cluster", HERE / "slurm_cluster.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_job_of_the_batch_system(tls: Path) -> None:
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
    made = slurm()
    line = ["--tls", str(tls), "--queue", "short", "--account", "nn", "--interface", "lo"]
    with made.make(made.arguments().parse_args(line)) as cluster:
        script = cluster.job_script()
        address = cluster.scheduler_address
    assert address.startswith("tls://127.0.0.1:")
    for wanted in (
        "#SBATCH -p short",
        "#SBATCH -A nn",
        "#SBATCH --cpus-per-task=1",
        "#SBATCH --mem=6G",
        "#SBATCH -t 04:00:00",
        "export TF_CPP_MIN_LOG_LEVEL=3 TF_ENABLE_ONEDNN_OPTS=0",
        address,
        "--nthreads 1",
        "--lifetime 3h",
        f"--tls-ca-file {tls}/ca.pem",
        f"--tls-cert {tls}/worker.pem",
        f"--tls-key {tls}/worker-key.pem",
    ):
        assert wanted in script, script
    assert "client-key" not in script
    assert "ca-key" not in script


@pytest.mark.parametrize("name", ["nnkit-dask-scheduler.service", "nnkit-dask-worker@.service"])
def test_units_are_systemds_own(name: str, tmp_path: Path) -> None:
    text = (HERE / "systemd" / name).read_text("utf-8")
    assert "Restart=always" in text
    assert "RestrictNamespaces" not in text  # the exam's sandbox needs them
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / name.replace("@", "@1")
    dask = Path(sys.executable).with_name("dask")
    unit.write_text(text.replace("/srv/nnkit/env/bin/dask", str(dask)), encoding="utf-8")
    done = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if unit.name in line]
    assert not ours, done.stderr


@pytest.mark.parametrize("name", ["nnkit-dask-scheduler.service", "nnkit-dask-worker@.service"])
def test_the_options_are_dasks_own(name: str) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed")
    from distributed.cli import dask_scheduler, dask_worker

    text = (HERE / "systemd" / name).read_text("utf-8").replace("\\\n", " ")
    known = (dask_scheduler if "scheduler" in name else dask_worker).main.params
    options = {
        option for parameter in known for option in (*parameter.opts, *parameter.secondary_opts)
    }
    typed = set(re.findall(r"--[a-z-]+", re.search("^ExecStart=.*$", text, re.MULTILINE)[0]))
    assert typed <= options
    cluster = objects("DaskCluster")[0]["spec"]
    role = cluster["scheduler" if "scheduler" in name else "worker"]["spec"]
    assert {a.partition("=")[0] for a in role["containers"][0]["args"][2:]} <= options


def objects(kind: str) -> list[dict]:
    text = (HERE / "kubernetes.yaml").read_text("utf-8")
    return [one for one in yaml.safe_load_all(text) if one["kind"] == kind]


def pods() -> dict[str, dict]:
    spec = objects("DaskCluster")[0]["spec"]
    return {role: spec[role]["spec"] for role in ("scheduler", "worker")}


@pytest.mark.parametrize("version", ["1.31", "1.37"])
def test_the_parts_of_the_manifests_are_kubernetes_own(version: str) -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is missing")
    for role, pod in pods().items():
        whole = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": role}, "spec": pod}
        validate.validate(whole, version, strict=True)
    service = objects("DaskCluster")[0]["spec"]["scheduler"]["service"]
    whole = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": service}
    validate.validate(whole, version, strict=True)
    for policy in objects("NetworkPolicy"):
        validate.validate(policy, version, strict=True)


def test_yaml_is_clean() -> None:
    pytest.importorskip("yamllint", reason="yamllint is not installed")
    command = [sys.executable, "-m", "yamllint", "--strict", "-c", KUBERNETES / ".yamllint.yaml"]
    done = subprocess.run([*map(str, command), str(HERE)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_pods_of_the_cluster_are_like_the_grader_and_mount_nothing_of_the_course() -> None:
    text = (KUBERNETES / "grader.yaml").read_text("utf-8")
    [grader] = [one for one in yaml.safe_load_all(text) if one["kind"] == "Deployment"]
    template = grader["spec"]["template"]
    for pod in pods().values():
        assert pod["tolerations"] == template["spec"]["tolerations"]
        assert pod["nodeSelector"] == template["spec"]["nodeSelector"]
        assert pod["automountServiceAccountToken"] is False
        assert [volume["name"] for volume in pod["volumes"]] == ["tls"]
        [container] = pod["containers"]
        assert container["image"] == template["spec"]["containers"][0]["image"]
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert {m["name"] for m in container["volumeMounts"]} == {"tls"}
    for policy in objects("NetworkPolicy"):
        selected = policy["spec"]["podSelector"]["matchLabels"]
        if "nnkit/role" in selected:
            assert selected.items() <= template["metadata"]["labels"].items()
