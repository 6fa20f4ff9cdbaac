"""JupyterHub for this kit's courses. The settings of a site are in hub.toml, next to this file.

One folder (/srv/nnkit) contains the environment, this folder, the exchange and the courses;
docs/administrators.md describes them.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
INSTALLATION = HERE.parent
sys.path.insert(0, str(HERE))

import hub_login  # noqa: E402
import hub_parts  # noqa: E402
import hub_toml  # noqa: E402

c = get_config()  # noqa: F821  (JupyterHub provides it)
site = hub_toml.load(HERE / "hub.toml")

# Addresses. All ports are for this machine only; nginx or Caddy provides HTTPS.
c.JupyterHub.bind_url = f"http://127.0.0.1:{site.hub.port}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{site.hub.hub_port}"
c.JupyterHub.db_url = f"sqlite:///{HERE}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = str(HERE / "cookie_secret")
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{site.hub.proxy_port}"
c.ConfigurableHTTPProxy.command = [
    str(INSTALLATION / "node/node_modules/.bin/configurable-http-proxy"),
]
c.ConfigurableHTTPProxy.pid_file = str(HERE / "proxy.pid")
# Where systemd runs the proxy, it gives both the same token.
c.ConfigurableHTTPProxy.should_start = "CONFIGPROXY_AUTH_TOKEN" not in os.environ
# A restarted proxy has no routes: the hub checks at this interval (s), and adds them again.
c.JupyterHub.last_activity_interval = 10
# Users can go on working while the hub restarts.
c.JupyterHub.cleanup_servers = "NNKIT_HUB_CLEANUP" in os.environ

# Who may log in, and their roles.
hub_login.configure(c, site)
c.Authenticator.admin_users = set(site.hub.admins)
c.JupyterHub.load_roles = hub_parts.roles(site)
c.JupyterHub.services = hub_parts.services(site, INSTALLATION)

# A user's server.
c.JupyterHub.spawner_class = hub_parts.SPAWNERS[site.hub.spawner]
c.Spawner.cmd = hub_parts.command(site, INSTALLATION)
c.Spawner.default_url = "/lab"
c.Spawner.environment = hub_parts.ENVIRONMENT
c.Spawner.pre_spawn_hook = hub_parts.before_start(site, INSTALLATION)
c.Spawner.mem_limit = site.limits.memory
c.Spawner.cpu_limit = site.limits.cpus
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.isolate_devices = True
c.SystemdSpawner.disable_user_sudo = True
c.SystemdSpawner.unit_extra_properties = {"TasksMax": str(site.limits.processes)}
c.SystemdSpawner.user_workingdir = "/home/{USERNAME}"
c.SimpleLocalProcessSpawner.home_dir_template = f"{INSTALLATION}/home/{{username}}"
# On a small machine few servers start at the same time, with long timeouts. Where a start is
# refused, the page tries again automatically.
c.JupyterHub.template_paths = [str(HERE / "templates")]
c.JupyterHub.concurrent_spawn_limit = site.limits.starting
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 120
