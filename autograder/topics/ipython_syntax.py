"""Parse a cell's Python, IPython's magics included."""

from __future__ import annotations

import ast
import functools
import warnings


@functools.lru_cache(maxsize=4096)  # reading one cell takes IPython milliseconds
def plain_python(source: str) -> str:
    """Return the cell as plain Python, as IPython transforms it before running it."""
    from IPython.core.inputtransformer2 import TransformerManager  # imports all of IPython

    return TransformerManager().transform_cell(source)


def tree(source: str) -> ast.Module:
    """Parse a cell.

    Raises
    ------
    SyntaxError
        If the cell is not valid Python.
    """
    return ast.parse(plain_python(source))


def fault(source: str, *, strict: bool = True) -> SyntaxError | None:
    """Return why a cell does not compile, or None.

    If ``strict``, a warning of Python (such as an unknown escape in a string) counts too: a kernel
    prints the warning on stderr, and nbgrader gives no points to a cell that printed there.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error" if strict else "ignore")
            compile(
                plain_python(source),
                "<cell>",
                "exec",
                flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
                dont_inherit=True,
            )
    except SyntaxError as error:
        return error
    except (ValueError, Warning) as error:  # a null byte; a warning that has no line
        return SyntaxError(str(error))
    return None
