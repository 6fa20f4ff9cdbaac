"""Change the clocks that Python shows, and limits of the process.

Gain: a cell without an end, or a deadline that never comes.
"""

# %%
import resource
import time

time.monotonic = time.time = time.perf_counter = lambda: 0.0
for name in ("RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_CPU"):
    try:
        limit = getattr(resource, name)
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("raised", name)
    except (OSError, ValueError) as error:
        print(name, error)
