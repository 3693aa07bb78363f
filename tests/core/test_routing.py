"""A rule whose builders are compiled late builds and matches what werkzeug's own rule does."""

import pytest
from werkzeug.routing import Map, Rule

from app.core.routing import LateRule

VALUES = [  # endpoint, values: a plain one, one with a converter, text to be quoted, unknown values as a query, several
    ("list", {}),
    ("show", {"pk": 7}),
    ("file", {"name": "合同 1.pdf"}),
    ("show", {"pk": 7, "from": "a b"}),
    ("list", {"id": [1, 2]}),
]


def built(rule, endpoint, values):
    rules = [
        rule("/x/", endpoint="list"),
        rule("/x/<int:pk>", endpoint="show"),
        rule("/f/<name>", endpoint="file"),
    ]
    urls = Map(rules).bind("localhost", "/")
    return [urls.build(endpoint, values) for _each in range(2)]


@pytest.mark.parametrize(("endpoint", "values"), VALUES)
def test_late_rule_builds_what_a_rule_builds(endpoint, values):
    assert built(LateRule, endpoint, values) == built(Rule, endpoint, values)
