"""Answer requests by messages made at random, of every type that the wire allows.

Gain: an examiner that ends, or an answer that no one has thought of.
"""

import inspect

from nbformat.v4 import new_code_cell

from tests.support.attacks import forger

AT_MOST = True
START = """
import gc

candidate = next(each for each in gc.get_objects() if type(each).__name__ == "Candidate")
honest_answer = candidate._answer
waiting = [0, ""]


def answer(request):
    if request[1] not in ("result", "raise"):
        waiting[:] = request[:2]
        if request[0] % 3 == 0 or request[1] == "cell" and request[0] % 3 == 1:
            return honest_answer(request)
    made = Forger(request[0], 0.5).answer(*waiting)
    candidate.channel.sock.setblocking(True)
    candidate.channel.sock.sendall(made)
    candidate.channel.sock.setblocking(False)


candidate._answer = answer
"""


def forge(notebook):
    notebook.cells.insert(0, new_code_cell(f"{inspect.getsource(forger)}\n{START}"))
