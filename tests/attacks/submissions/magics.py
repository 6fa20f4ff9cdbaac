"""Use magics and shell commands: reset, kill, scripts, system, background jobs.

Gain: a namespace, or a kernel, that is not the one that is tested.
"""

# The names of the honest answer are gone with the rest.
EXPECTED = {}

# %%
get_ipython().run_line_magic("autoawait", "True")
get_ipython().run_cell_magic("bash", "--bg", "sleep 30; touch /tmp/@MARK@")
get_ipython().system("kill -9 $PPID; cat @COURSE@/gradebook.db; id; mount")

# %%
get_ipython().run_line_magic("reset", "-f -s")

# %%
get_ipython().run_line_magic("cd", "/")
get_ipython().user_ns = {}
get_ipython().ask_exit()
