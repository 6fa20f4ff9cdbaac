"""Make the program on this side answer with values of wrong types and shapes.

Gain: an examiner that ends in an error, or takes a strange value for a pass.
"""

# %%
import gc
import itertools

candidates = [thing for thing in gc.get_objects() if type(thing).__name__ == "Candidate"]
strange = itertools.cycle(
    [None, True, [], [1], {}, "ok", [True], [[True]], 1j, {"passed": True}, ..., b"", (), set()]
)
for candidate in candidates:
    candidate._do = lambda request: next(strange)
    honest, odd = candidate._encoded, itertools.count()

    def encoded(answer, honest=honest, odd=odd):
        turn = next(odd) % 12
        if turn == 9:
            return honest([answer[0], "perhaps", next(strange), 5])
        if turn == 11:
            return honest({"number": answer[0]})
        return honest([answer[0], "error" if turn == 10 else "ok", next(strange), [""]])

    candidate._encoded = encoded
