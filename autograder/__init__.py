"""The autograder: releases topics, examines a class, and shows what came of it."""

import sys

# Notebooks are validated by jsonschema, which imports this package where it finds it, only to
# check addresses in a format that notebooks do not use. The import compiles a grammar, which
# costs 2.7 s in every process. None makes Python say that there is no such package.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
