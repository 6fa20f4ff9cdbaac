"""nbgrader's settings on this machine, for students, instructors and graders."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader provides it)

# The environment is in the folder of the installation, next to the exchange.
c.Exchange.root = str(Path(sys.prefix).parent / "exchange")
c.Exchange.path_includes_course = True
# Only its student and the grader can read a submission; it is collected from its owner only.
c.ExchangeFactory.submit = "nnkit_exchange.Submit"
c.ExchangeFactory.collect = "nnkit_exchange.Collect"

# In a demonstration with a single account, variables give the name of the student.
c.Collect.check_owner = "NNKIT_ONE_ACCOUNT" not in os.environ
if "NNKIT_STUDENT" in os.environ:
    c.CourseDirectory.student_id = os.environ["NNKIT_STUDENT"]

# The hub knows the students of each course. In a terminal outside the hub there is none.
if "JUPYTERHUB_API_TOKEN" in os.environ:
    c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"

# Other accounts could listen to the traffic of kernels on the loopback address.
c.KernelManager.transport_encryption = "required"
