"""What nbgrader is told on this machine, for students, instructors and graders alike."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader provides it)

# The environment lies in the installation, beside the exchange.
c.Exchange.root = str(Path(sys.prefix).parent / "exchange")
c.Exchange.path_includes_course = True
# A submission is readable by its student and the grader alone, and taken from its owner alone.
c.ExchangeFactory.submit = "nnkit_exchange.Submit"
c.ExchangeFactory.collect = "nnkit_exchange.Collect"

# A demonstration where everybody is one account says otherwise who is who.
c.Collect.check_owner = "NNKIT_ONE_ACCOUNT" not in os.environ
if "NNKIT_STUDENT" in os.environ:
    c.CourseDirectory.student_id = os.environ["NNKIT_STUDENT"]

# Who takes which course is known to the hub. In a terminal outside of it there is no hub to ask.
if "JUPYTERHUB_API_TOKEN" in os.environ:
    c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"

# A kernel is spoken to over the loopback address, where others could listen.
c.KernelManager.transport_encryption = "required"
