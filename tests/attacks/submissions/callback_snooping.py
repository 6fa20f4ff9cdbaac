"""Look into a test's function: its code, its closure, its globals, its module.

Gain: the source, constants and names of the test.
"""

EXPECTED = {"honest": 2, "search": 2}

# %% task="search"
import dis
import inspect
import io

seen = []


def lowest(f, points):
    for name in ("__code__", "__closure__", "__globals__", "__self__", "__module__", "__wrapped__"):
        try:
            seen.append(repr(getattr(f, name, None))[:100_000])
        except Exception as error:
            seen.append(repr(error))
    code = getattr(f, "__code__", None)
    seen.append(repr(getattr(code, "co_consts", None)))
    for look in (inspect.getsource, lambda f: dis.dis(f, file=io.StringIO())):
        try:
            seen.append(str(look(f)))
        except Exception as error:
            seen.append(repr(error))
    return min(f(point) for point in points)


# %% last
print("\n".join(seen))
