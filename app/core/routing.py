"""Rules of URLs that cost little to declare: what builds a URL is compiled when one of it is first built.

Knows no route. Half of all that a start does for a route is two small programs for `url_for`, and most are never used.
"""

from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule like any other, but for the moment at which its two builders are compiled."""

    def _compile_builder(self, append_unknown: bool = True):
        compiled = []

        def build(rule, **values):
            if not compiled:
                compiled.append(super()._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return build
