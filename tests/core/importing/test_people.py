"""Names and phones out of one cell: a table of what departments write, and what must hold for any of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.importing.people import Person, looks_like_phone, people, phones

CASES = [
    # a number cell: nobody is named
    (14569384937, [("", ["14569384937"])]),
    (14569384937.0, [("", ["14569384937"])]),
    # one name, colon of either width, or a blank
    ("张三:13812345678", [("张三", ["13812345678"])]),
    ("张三：13812345678", [("张三", ["13812345678"])]),
    ("张三 13812345678", [("张三", ["13812345678"])]),
    # several by each separator
    ("张三 13812345678、李四 13912345678", [("张三", ["13812345678"]), ("李四", ["13912345678"])]),
    ("张三 13812345678 / 李四 13912345678", [("张三", ["13812345678"]), ("李四", ["13912345678"])]),
    ("张三 13812345678\n李四 13912345678", [("张三", ["13812345678"]), ("李四", ["13912345678"])]),
    ("张三 13812345678；李四 13912345678", [("张三", ["13812345678"]), ("李四", ["13912345678"])]),
    # number first: the name behind it owns it
    ("13812345678 张三、13912345678 李四", [("张三", ["13812345678"]), ("李四", ["13912345678"])]),
    # two numbers of one person, a landline with its extension
    ("张三 13812345678/010-88886666转12", [("张三", ["13812345678", "010-88886666转12"])]),
    # somebody without a number keeps none of his neighbour's
    ("张三、李四 13812345678", [("张三", []), ("李四", ["13812345678"])]),
    ("张三 李四", [("张三", []), ("李四", [])]),
    # a name written with a blank to fill three characters' room
    ("张 三 13812345678", [("张三", ["13812345678"])]),
    ("John Smith +86 138 1234 5678", [("John Smith", ["13812345678"])]),
    ("", []),
    (None, []),
]


@pytest.mark.parametrize(("cell", "expected"), CASES)
def test_people_pairs_names_with_numbers(cell, expected):
    assert [(person.name, list(person.phones)) for person in people(cell)] == expected


def test_people_keeps_what_stands_in_brackets_as_role():
    assert people("张三（行政） 13812345678") == [Person("张三", ("13812345678",), "行政")]


SURNAMES, GIVEN = "赵钱孙李周吴郑王", "伟芳娜敏静丽强磊军洋"
NAMES = st.builds(
    lambda first, rest: first + rest, st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2)
)
MOBILES = st.builds(
    lambda head, tail: f"1{head}{tail:09d}", st.sampled_from("3456789"), st.integers(0, 999_999_999)
)


@given(
    st.lists(st.tuples(NAMES, MOBILES), min_size=1, max_size=5),
    st.sampled_from(["、", " / ", "\n", "，", ",", ";", "；", "/"]),
    st.sampled_from([" ", ":", "：", "", "  "]),
)
def test_people_gives_back_any_list_of_names_and_mobiles(pairs, between, within):
    cell = between.join(f"{name}{within}{mobile}" for name, mobile in pairs)
    assert [(person.name, person.phones) for person in people(cell)] == [
        (name, (mobile,)) for name, mobile in pairs
    ]


@given(st.text(max_size=60))
def test_people_loses_no_phone_of_any_text(text):
    assert sorted(number for person in people(text) for number in person.phones) == sorted(phones(text))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (13812345678, True),
        ("张三 138 1234 5678", True),
        ("110101199003078515", False),  # an identity number holds eleven digits that look like a mobile
        ("110101900307851", False),  # of 15 digits
        ("8500,8874", False),  # extensions
    ],
)
def test_looks_like_phone_knows_a_mobile(cell, expected):
    assert looks_like_phone(cell) is expected
