"""nbgrader's settings in all pods, in addition to those of a hub on one machine."""

c = get_config()  # noqa: F821  (nbgrader provides it)

load_subconfig("nnkit_nbgrader_config.py")  # noqa: F821  (that of deploy/jupyterhub/config/jupyter)

c.ExchangeFactory.submit = "nnkit_pod_exchange.Submit"
c.ExchangeFactory.collect = "nnkit_pod_exchange.Collect"
c.ExchangeFactory.release_feedback = "nnkit_pod_exchange.ReleaseFeedback"
# All files belong to one account here. The folder of a submission identifies its student.
c.Collect.check_owner = False
