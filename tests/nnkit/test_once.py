"""In a notebook `once` calls its function, each time: an edited cell may not show old numbers."""

from nnkit.once import once


def test_a_notebook_computes_it_every_time():
    calls = []

    def dear(seed, scale):
        calls.append(seed)
        return seed * scale

    assert [once(dear, 3, 2.0), once(dear, 3, 2.0), once(dear, 4, 2.0)] == [6.0, 6.0, 8.0]
    assert calls == [3, 3, 4]
