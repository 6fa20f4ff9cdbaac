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


def answer(number, request, released):
    if number % 3 == 0 or request.word == "cell" and number % 3 == 1:
        return honest_answer(number, request, released)
    made = Forger(number, 0.5).answer(number, request.word)
    candidate.channel.sock.setblocking(True)
    candidate.channel.sock.sendall(made)
    candidate.channel.sock.setblocking(False)


candidate._answer = answer
"""


def forge(notebook):
    notebook.cells.insert(0, new_code_cell(f"{inspect.getsource(forger)}\n{START}"))
