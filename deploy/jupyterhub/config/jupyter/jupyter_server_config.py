"""Settings of all Jupyter servers on this machine."""

c = get_config()  # noqa: F821  (Jupyter provides it)

# Other accounts could listen to the traffic of kernels on the loopback address.
c.KernelManager.transport_encryption = "required"
# An idle kernel uses half a gigabyte. A page that is open keeps its kernel.
c.MappingKernelManager.cull_idle_timeout = 3600
c.MappingKernelManager.cull_interval = 300
# The course defines the versions; JupyterLab sends no request to other servers.
c.LabApp.extension_manager = "readonly"
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
