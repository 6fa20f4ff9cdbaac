"""The hub's configuration on Kubernetes; the chart loads it after values.yaml.

docs/kubernetes.md describes how to add it to the hub's pod.
"""

# ruff: noqa: F821  (the chart provides `c`)
import sys
from functools import partial

sys.path.insert(0, "/usr/local/etc/jupyterhub/nnkit")

import hub_parts
import kube_login
import kube_pods
import kube_settings
from z2jh import get_config as values

site = kube_settings.parse(values("custom.nnkit"))
kube_settings.check_services(site, [one["name"] for one in c.JupyterHub.services])

# Who may log in, and their roles.
hub_parts.configure(c, site, kube_settings.PERSON)
c.JupyterHub.authenticator_class = kube_login.only_signed(c.JupyterHub.authenticator_class)
if isinstance(claim := c.GenericOAuthenticator.username_claim, str):
    c.GenericOAuthenticator.username_claim = partial(kube_login.plain_name, claim=claim)
# The chart has its own culler, with a role.
c.JupyterHub.load_roles += [role for role in hub_parts.roles(site) if role["name"] != "idle-culler"]

# A user's pod.
c.Spawner.pre_spawn_hook = kube_pods.before_start(
    site, values("custom.nnkit.exchangeClaim", "nnkit-exchange")
)
c.KubeSpawner.pod_security_context = kube_pods.POD
c.KubeSpawner.container_security_context = kube_pods.CONTAINER
