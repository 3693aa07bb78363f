"""The search index's pieces: an FTS5 table and an array find exactly what a plain substring search finds."""

import sqlite3
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bigrams import (
    array_document,
    array_query,
    fts_document,
    fts_query,
    grams,
    haystack,
    matches,
    normal,
    words,
)


def fts_finds(fields: list[str], term: str) -> bool:
    """Whether a real FTS5 table with its plain unicode61 tokenizer finds the record."""
    with sqlite3.connect(":memory:") as base:
        base.execute("CREATE VIRTUAL TABLE box USING fts5(tokens, tokenize='unicode61', prefix='4')")
        base.execute("INSERT INTO box VALUES (?)", (fts_document(fields),))
        found = base.execute("SELECT count(*) FROM box WHERE box MATCH ?", (fts_query(term),)).fetchone()[0]
    base.close()
    return bool(found)


def array_finds(fields: list[str], term: str) -> bool:
    """Containment, then the recheck."""
    hay = haystack(fields)
    return set(array_query(term)) <= set(array_document(fields)) and all(word in hay for word in words(term))


# fmt: off
@pytest.mark.parametrize(("fields", "term", "found", "reason"), [
    (["电梯异响"]              , "异响"          , True , "two characters"),
    (["电梯异响"]              , "电梯异响"       , True , "the whole field"),
    (["电梯异响"]              , "电响"          , False, "not neighbours"),
    (["电梯异响"]              , "响"            , True , "one character, the last"),
    (["电梯异响"]              , "电"            , True , "one character, the first"),
    (["电梯异响"]              , "水"            , False, "one character that is not there"),
    (["漏水", "请处理"]         , "水请"          , False, "never across the border of two fields"),
    (["甲乙", "乙丙"]          , "甲乙丙"         , False, "nor when the border looks like the middle"),
    (["甲乙", "乙", "乙丙"]     , "甲乙丙"         , False, "nor through a field of one character"),
    (["百川贸易", "漏水"]       , "漏水 百川"      , True , "several words, any order and field"),
    (["百川贸易", "漏水"]       , "漏水 万科"      , False, "all of them"),
    (["13812345678"]          , "5678"          , True , "tail of a phone"),
    (["138 1234-5678"]        , "12345678"      , True , "blanks and dashes in a phone"),
    (["13812345678"]          , "138-1234"      , True , "and in the term"),
    (["13812345678"]          , "78"            , True , "two digits"),
    (["１７座３２１５房"]        , "17座3215"      , True , "full width"),
    (["A座2801"]              , "a座28"         , True , "capitals"),
    (["A座2801"]              , "A座 2801"      , True , "a blank in the term"),
    (["Café Straße"]          , "CAFÉ STRASSE"  , True , "accents and ß"),
    (["Café"]                 , "cafe"          , False, "but an accent is an accent"),
    (["e\u0301cole"]          , "école"         , True , "composed and decomposed"),
    (["𬱖先生", "𠮷野家"]       , "𬱖先"          , True , "names newer than the tokenizer's tables"),
    (["𬱖先生"]               , "𬱗先"          , False, "and not each other"),
    (["OR AND NOT \" *"]      , "or"            , True , "words of the query language are text"),
    (["near(x)"]              , "NEAR(x"        , True , "so are its functions"),
    ([None, ""]               , "x"             , False, "empty fields"),
])
# fmt: on
def test_record_is_found(fields, term, found, reason):
    assert fts_finds(fields, term) is found, reason
    assert array_finds(fields, term) is found, reason
    assert all(any(word in normal(field) for field in fields) for word in words(term)) is found, reason


TEXTS = st.text("甲乙丙aAb1２ -.é", max_size=8)


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS.filter(words))
def test_both_indexes_find_what_a_substring_search_finds(fields, term):
    plain = all(any(word in normal(field) for field in fields) for word in words(term))
    assert fts_finds(fields, term) is plain
    assert array_finds(fields, term) is plain
    assert bool(any(matches(field, term) for field in fields)) is any(
        word in normal(field) for field in fields for word in words(term)
    )


@given(st.text())
def test_tokens_are_plain_letters_and_digits_of_four_or_eight(text):
    tokens = fts_document([text]).split()
    assert len(tokens) == len(normal(text))
    assert {len(token) for token in tokens[:-1]} <= {8}
    assert [len(token) for token in tokens[-1:]] in ([], [4])
    assert all(token.isascii() and token.isalnum() and token == token.lower() for token in tokens)


@given(st.text(), st.text(min_size=1, max_size=3))
def test_marked_places_hold_the_words(text, term):
    for start, end in matches(text, term):
        assert any(word in normal(text[start:end]) for word in words(term))


FOLDING = st.characters(max_codepoint=0x2FF) | st.sampled_from("¨´¼ßİ㈱　，百Ａ２～…—") | st.characters()


@given(st.text(FOLDING, max_size=12))
def test_text_folded_in_one_go_equals_its_characters_folded_one_by_one(text):
    assert normal(text) == "".join(normal(text[start:end]) for start, end in clusters(text))


def clusters(text: str) -> list[tuple[int, int]]:
    """Each character with the combining marks behind it."""
    starts = [i for i, char in enumerate(text) if i == 0 or not unicodedata.combining(char)]
    return list(pairwise([*starts, len(text)]))


def test_grams_are_pairs_and_the_last_character():
    assert grams("漏 水了") == ["漏水", "水了", "了"]
    assert grams("水") == ["水"]
    assert grams("—") == grams(None) == []


# fmt: off
@pytest.mark.parametrize(("text", "term", "spans", "reason"), [
    ("电梯异响，电梯停", "电梯"   , [(0, 2), (5, 7)], "each place"),
    ("138 1234-5678"  , "412"   , []              , "not there"),
    ("138 1234-5678"  , "3456"  , [(6, 11)]       , "over a dash of the original"),
    ("Ａ座2801"        , "a座28" , [(0, 4)]        , "full width in the original"),
    ("aaaa"           , "aa"    , [(0, 4)]        , "overlaps are joined"),
    ("㎡单价"          , "m2"    , [(0, 1)]        , "one character that folds to two"),
    ("㎡单价"          , "2单"   , [(0, 2)]        , "beginning within it"),
    ("漏水 百川"       , "百川 漏水", [(0, 2), (3, 5)], "words in the text's order"),
    ("e\u0301cole"    , "é"     , [(0, 2)]        , "a combining mark is marked with its letter"),
    (None             , "x"     , []              , "nothing"),
    ("x"              , ""      , []              , "no term"),
])
# fmt: on
def test_matches_mark_the_original(text, term, spans, reason):
    assert matches(text, term) == spans, reason


def test_term_of_signs_alone_seeks_nothing():
    assert (fts_query("—— *"), array_query("\"'"), words(None)) == ("", [], [])
