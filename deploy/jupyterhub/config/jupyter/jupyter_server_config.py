"""What every Jupyter server on this machine is told."""

c = get_config()  # noqa: F821  (Jupyter provides it)

# A kernel is spoken to over the loopback address, where others could listen.
c.KernelManager.transport_encryption = "required"
# A forgotten kernel holds half a gigabyte. A page that is open keeps its kernel.
c.MappingKernelManager.cull_idle_timeout = 3600
c.MappingKernelManager.cull_interval = 300
# Versions are the course's; nothing is asked of servers elsewhere.
c.LabApp.extension_manager = "readonly"
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
