"""Templates without the indentation of their source: it is for who reads the source, and was a tenth of a page's bytes.

Knows Jinja, no page. The line breaks stay, so that words never run together.
"""

import re

from jinja2.ext import Extension

INDENTED = re.compile(r"(?m)^[ \t]+|[ \t]+$")
EMPTY = re.compile(r"\n{2,}")


class Lean(Extension):
    """Takes the indentation from a page's template before it is compiled; other templates stay as they are."""

    def preprocess(self, source, name, filename=None):
        return EMPTY.sub("\n", INDENTED.sub("", source)) if name and name.endswith(".html") else source
