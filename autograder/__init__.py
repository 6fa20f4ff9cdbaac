"""The autograder: release topics, grade a class's submissions, show the results."""

import sys

# jsonschema validates notebooks and imports this package where it is installed, only to check
# addresses in a format that notebooks do not use. The import compiles a grammar, which costs 2.7 s
# in every process. None makes Python report that there is no such package.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
