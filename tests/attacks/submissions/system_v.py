"""Make queues, semaphores and segments of System V, which stay when nobody has them open.

Gain: memory of the kernel's that no process is charged for, also after the exam.
"""

UNSEEN = ("hoard-kept",)

# %%
import ctypes

libc = ctypes.CDLL(None)
mode, remove = 0o1600, 0
message = ctypes.create_string_buffer(b"\1" + bytes(8200))
kept = []
for _ in range(200):
    queue = libc.msgget(0, mode)
    if queue >= 0:
        kept.append("queue")
        libc.msgsnd(queue, message, ctypes.c_size_t(8192), 0o4000)
        libc.msgctl(queue, remove, None)
semaphores = libc.semget(0, 30_000, mode)
if semaphores >= 0:
    kept.append("semaphores")
    libc.semctl(semaphores, 0, remove)
segment = libc.shmget(0, ctypes.c_size_t(64 << 20), mode)
if segment >= 0:
    kept.append("segment")
    libc.shmctl(segment, remove, None)
print("hoard-kept" if kept else "refused")
