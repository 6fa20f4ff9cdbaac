"""nbgrader's settings in every pod, in addition to those on one machine."""

c = get_config()  # noqa: F821  (nbgrader provides it)

load_subconfig("nnkit_nbgrader_config.py")  # noqa: F821  (that of deploy/jupyterhub/config/jupyter)

c.ExchangeFactory.submit = "nnkit_pod_exchange.Submit"
c.ExchangeFactory.collect = "nnkit_pod_exchange.Collect"
c.ExchangeFactory.release_feedback = "nnkit_pod_exchange.ReleaseFeedback"
# All files belong to one account here. The owner of a submission is known by its folder.
c.Collect.check_owner = False
