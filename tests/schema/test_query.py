"""The filter language, read and run on a real SQLite."""

import json
import sqlite3
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.calendar_data import shipped
from schema.errors import QueryError
from schema.query import FLAGS, Query, QueryContext, Sort, Term, parse, search_text, to_sql
from schema.safe_text import safe_text

FIELDS = {
    "title": "line",
    "state": "word",
    "project": "ref",
    "department": "dept",
    "departments": "list",
    "owner": "person",
    "start": "date",
    "due": "when",
    "priority": "int",
    "standard": "list",
    "deliverable": "line",
    "note": "text",
    "links": "rows",
    "smart": "row",
    "amount": "num",
    "contested": "bool",
    "month": "month",
    "source": "ref",
    "roll": "word",
}
COLUMNS = ("title", "state", "project", "department", "owner", "start", "due", "priority")
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=timezone(timedelta(hours=8)))  # a Wednesday
CONTEXT = QueryContext(
    NOW, "Asia/Shanghai", shipped(), "张三", frozenset({"done", "dropped", "closed", "reached"})
)

TABLE = """
CREATE TABLE records (kind TEXT, id TEXT, body TEXT, dot TEXT, author TEXT, eff INTEGER, seq INTEGER,
    number TEXT, accepted TEXT, deleted INTEGER, unsent INTEGER, conflicts INTEGER, title TEXT, state TEXT,
    project TEXT, department TEXT, owner TEXT, start TEXT, due TEXT, priority INTEGER)
"""
ENVELOPE: dict[str, Any] = {
    "kind": "task",
    "dot": "r:1",
    "author": "张三",
    "eff": 1,
    "seq": 1,
    "number": None,
    "accepted": None,
    "deleted": 0,
    "unsent": 0,
    "conflicts": 0,
}


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.create_function("search_text", 1, search_text, deterministic=True)
    connection.execute(TABLE)
    yield connection
    connection.close()


@pytest.fixture(autouse=True)
def empty(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM records")


def put(
    db: sqlite3.Connection, id: str, body: dict[str, Any] | None = None, **envelope: Any
) -> None:
    body = body or {}
    row = ENVELOPE | envelope | {"id": id, "body": json.dumps(body, ensure_ascii=False)}
    row |= {column: body.get(column) for column in COLUMNS}
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO records ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def find(db: sqlite3.Connection, text: str, context: QueryContext = CONTEXT, **names: Any) -> str:
    """The ids that the filter finds, in its order, joined by spaces."""
    where, parameters, order = to_sql(parse(text, FIELDS, **names), context)
    rows = db.execute(f"SELECT id FROM records WHERE {where} ORDER BY {order}", parameters)
    return " ".join(row[0] for row in rows)


# What is read


def test_an_empty_filter_asks_for_nothing() -> None:
    assert parse("", FIELDS) == parse(' \u3000 "" ', FIELDS) == Query()


def test_a_filter_is_read_into_terms() -> None:
    assert parse(
        'owner:张三,"李 四" -state=Done due<=fri "final  manual" x sort:-due', FIELDS
    ) == Query(
        (
            Term("owner", "person", ":", ("张三", "李 四")),
            Term("state", "word", "=", ("done",), negated=True),
            Term("due", "when", "<=", ("fri",)),
            Term("", "text", ":", ("final  manual",)),
            Term("", "text", ":", ("x",)),
        ),
        (Sort("due", "when", descending=True),),
    )


@pytest.mark.parametrize(
    ("wide", "ascii"),
    [
        ("owner：张三，李四", "owner:张三,李四"),
        ("－state：done", "-state:done"),
        ("due＜3d", "due<3d"),
        ("due《3d", "due<3d"),
        ("due》＝3d", "due>=3d"),
        ("due＞3d", "due>3d"),
        ("due≤3d", "due<=3d"),
        ("due＝fri", "due=fri"),
        ("owner：“张 三”", 'owner:"张 三"'),
        ("“说明书 终稿”", '"说明书 终稿"'),
        ("－“说明书”", '-"说明书"'),
        ("is：late\u3000sort：－due", "is:late sort:-due"),
    ],
)
def test_full_width_punctuation_counts_as_ascii(wide: str, ascii: str) -> None:
    assert parse(wide, FIELDS) == parse(ascii, FIELDS)


def test_full_width_punctuation_inside_a_text_stays_as_it_is() -> None:
    assert parse("新品（一期） 主题：评审", FIELDS).terms == (
        Term("", "text", ":", ("新品（一期）",)),
        Term("", "text", ":", ("主题：评审",)),
    )


def test_quotes_keep_a_colon_a_comma_and_a_minus_as_text() -> None:
    assert parse('"owner:x" "-a" title:"a,b"', FIELDS).terms == (
        Term("", "text", ":", ("owner:x",)),
        Term("", "text", ":", ("-a",)),
        Term("title", "line", ":", ("a,b",)),
    )


def test_a_quote_left_open_runs_to_the_end() -> None:
    assert parse('owner:"张 三', FIELDS) == parse('owner:"张 三"', FIELDS)


def test_a_hyphen_in_a_word_and_one_alone_are_text() -> None:
    assert [term.values for term in parse("T-021 -", FIELDS).terms] == [("T-021",), ("-",)]


def test_none_in_quotes_is_a_word() -> None:
    assert parse("title:none owner:无", FIELDS).terms[0].values == (None,)
    assert parse('title:"none"', FIELDS).terms[0].values == ("none",)


def test_the_readers_own_names_of_fields_and_words_are_understood() -> None:
    names = {
        "aliases": {"负责人": "owner", "状态": "state", "排序": "sort"},
        "words": {"进行中": "doing"},
    }
    assert parse("负责人：张三 状态：进行中 排序：-负责人", FIELDS, **names) == parse(
        "owner:张三 state:doing sort:-owner", FIELDS
    )


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("onwer:张三", "owner"),
        ("stat:done", "state"),
        ("Dues<3d", "due"),
        ("sort:-priorty", "priority"),
        ("iss:late", "is"),
    ],
)
def test_an_unknown_field_names_the_nearest(text: str, nearest: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, FIELDS)
    assert nearest in caught.value.way_out
    assert caught.value.exit_code == 2


def test_an_unknown_flag_names_the_nearest() -> None:
    with pytest.raises(QueryError, match="is:late") as caught:
        parse("is:latte", FIELDS)
    assert "latte" in caught.value.sentence


@pytest.mark.parametrize(
    "text",
    [
        "owner:",
        'owner:""',
        "is:",
        "title<abc",
        "owner>a",
        "standard<1",
        "due<none",
        "is<late",
        "project>=x",
        "accepted<fri",
    ],
)
def test_what_has_no_meaning_is_refused_when_read(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text, FIELDS)


@pytest.mark.parametrize(
    "text",
    ["due<soon", "priority:high", "priority<1.5", "amount:x", "contested:maybe", "month:fri"],
)
def test_a_value_that_does_not_fit_its_field_is_refused_when_compiled(text: str) -> None:
    query = parse(text, FIELDS)
    with pytest.raises(QueryError):
        to_sql(query, CONTEXT)


@pytest.mark.parametrize(
    "text",
    ["x " * 101, "owner:" + "a," * 101, "sort:due " * 101, "x" * 2_001, "priority:" + "9" * 19],
)
def test_a_filter_beyond_what_sqlite_takes_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        to_sql(parse(text, FIELDS), CONTEXT)


def test_the_longest_filter_still_runs(db: sqlite3.Connection) -> None:
    for text in (
        "x " * 100,
        "-is:late " * 100,
        "links:" + "a," * 100,
        "source:aaaa " * 100,
        "sort:due " * 100,
    ):
        find(db, text)


def test_a_flag_left_out_lists_those_there_are() -> None:
    with pytest.raises(QueryError, match="is:late is:mine"):
        parse("is:", FIELDS)


def test_an_error_shows_no_control_characters() -> None:
    with pytest.raises(QueryError) as caught:
        to_sql(parse("due<\x1b[2J\u202e", FIELDS), CONTEXT)
    assert str(caught.value).isprintable()


def test_a_name_that_is_no_identifier_never_reaches_sql() -> None:
    evil = Query((Term("x') OR 1 --", "line", ":", ("a",)),))
    with pytest.raises(ValueError):
        to_sql(evil, CONTEXT)


# What is found


def test_deleted_records_are_found_only_when_asked_for(db: sqlite3.Connection) -> None:
    put(db, "a")
    put(db, "b", deleted=1)
    assert find(db, "") == "a"
    assert find(db, "is:deleted") == "b"
    assert find(db, "-is:deleted") == "a"
    assert find(db, "is:deleted,unsent") == "b"


def test_words_names_and_numbers_are_equal_whatever_their_case(db: sqlite3.Connection) -> None:
    put(db, "a", {"state": "doing", "owner": "Li Si", "department": "IT部", "priority": 1})
    put(db, "b", {"state": "done", "owner": "Li", "department": "市场部", "priority": 10})
    assert find(db, "state:DOING") == "a"
    assert find(db, 'owner:"li si"') == "a"
    assert find(db, "department:it部") == "a"
    assert find(db, "department:市场部") == "b"
    assert find(db, "priority:1") == "a"
    assert find(db, "state:todo") == ""
    assert find(db, "state:doing,done") == "a b"


def test_lines_texts_and_lists_contain(db: sqlite3.Connection) -> None:
    put(db, "a", {"title": "Final Manual", "note": "首页\n改版", "standard": ["pass 100%", "手册"]})
    put(
        db,
        "b",
        {
            "title": "Draft",
            "departments": ["研发部", "市场部"],
            "links": [{"label": "Spec", "target": "/x"}],
        },
    )
    put(db, "c", {"smart": {"s": "two weeks"}})
    assert find(db, "title:manual") == "a"
    assert find(db, "title=manual") == ""
    assert find(db, 'title="final manual"') == "a"
    assert find(db, "note:改版") == "a"
    assert find(db, "standard:100%") == "a"
    assert find(db, "standard:手册") == "a"
    assert find(db, "standard=手") == ""
    assert find(db, "departments:研发部") == "b"
    assert find(db, "links:spec") == "b"
    assert find(db, "links:label") == ""
    assert find(db, "smart:weeks") == "c"


def test_a_percent_sign_and_a_quote_are_plain_characters(db: sqlite3.Connection) -> None:
    put(db, "a", {"title": "100% O'Neil"})
    put(db, "b", {"title": "1000"})
    assert find(db, "title:100%") == "a"
    assert find(db, "o'neil") == "a"
    assert find(db, "title:%") == "a"


def test_a_minus_finds_all_the_others_those_without_a_value_too(db: sqlite3.Connection) -> None:
    put(db, "a", {"owner": "张三"})
    put(db, "b", {"owner": "李四"})
    put(db, "c")
    assert find(db, "-owner:张三") == "b c"
    assert find(db, "-owner:张三,李四") == "c"
    assert find(db, "-due<3d") == "a b c"


def test_none_finds_what_is_not_filled_in(db: sqlite3.Connection) -> None:
    put(db, "a", {"due": "2026-11-20", "standard": ["x"], "roll": "next"})
    put(db, "b", {"due": "", "standard": [], "roll": "none"})
    put(db, "c")
    assert find(db, "due:none") == "b c"
    assert find(db, "due=无") == "b c"
    assert find(db, "-due:none") == "a"
    assert find(db, "standard:none") == "b c"
    assert find(db, "roll:none") == "b c"
    assert find(db, "due:none,2026-11-20") == "a b c"


@pytest.fixture
def dated(db: sqlite3.Connection) -> sqlite3.Connection:
    put(db, "a", {"due": "2026-11-10"})
    put(db, "b", {"due": "2026-11-20"})
    put(db, "c", {"due": "2026-11-20T17:00"})
    put(db, "d", {"due": "2026-11-21"})
    put(db, "e", {"due": ""})
    put(db, "f", {"due": "2026-12-01"})
    put(db, "g")
    return db


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("due<2d", "a"),
        ("due<=2d", "a b c"),
        ("due<3d", "a b c"),
        ("due<2wd", "a"),
        ("due<3wd", "a b c d"),
        ("due>2d", "d f"),
        ("due>=2d", "b c d f"),
        ("due>=2026-11-20", "b c d f"),
        ("due:2026-11-20", "b c"),
        ("due=fri", "b c"),
        ("due:周五", "b c"),
        ("due:2026-11-10,2026-12-01", "a f"),
        ("due:2026-11", "a b c d"),
        ("due:本月", "a b c d"),
        ("due>2026-11", "f"),
        ("due<=2026-11", "a b c d"),
        ("due<2026-12", "a b c d"),
        ('due:"fri 17:00"', "c"),
        ('due<"fri 17:00"', "a"),
        ('due<="fri 17:00"', "a c"),
        ('due>"fri 17:00"', "b d f"),
        ("due>=2026-11-20T17:00", "b c d f"),
        ("due>-8d due<fri", ""),
        ("due>=-8d due<fri", "a"),
        ("due<2999-12-31", "a b c d f"),
        ("due>2999-12-31", ""),
    ],
)
def test_dates_are_compared_by_day_hour_or_month(
    dated: sqlite3.Connection, text: str, found: str
) -> None:
    assert find(dated, text) == found


def test_months_truths_and_numbers_are_compared_as_what_they_are(db: sqlite3.Connection) -> None:
    put(db, "a", {"month": "2026-11", "contested": True, "amount": "9.5", "priority": 2})
    put(db, "b", {"month": "2026-12", "contested": False, "amount": "10", "priority": 10})
    put(db, "c", {"amount": ""})
    assert find(db, "month:2026-11") == find(db, "month<下月") == "a"
    assert find(db, "month>2026-11") == "b"
    assert find(db, "contested:yes") == find(db, "contested:是") == "a"
    assert find(db, "contested:no") == "b c"
    assert find(db, "amount<10") == "a"
    assert find(db, "amount:10.0") == "b"
    assert find(db, "priority<10") == find(db, "priority:2") == "a"
    assert find(db, "priority>=2") == "a b"


def test_numbers_ids_and_authors_are_found(db: sqlite3.Connection) -> None:
    put(db, "0199-aaaa1111", number="T-021", author="王五", seq=7)
    put(db, "0199-bbbb2222", number="T-0210")
    assert find(db, "number:t-021") == "0199-aaaa1111"
    assert find(db, "id:AAAA1111") == "0199-aaaa1111"
    assert find(db, "id:2222") == "0199-bbbb2222"
    assert find(db, "author:王五") == find(db, "seq>6") == "0199-aaaa1111"
    assert find(db, "T-0210") == "0199-bbbb2222"
    assert find(db, "t-021") == "0199-aaaa1111 0199-bbbb2222"
    assert find(db, "accepted:none") == "0199-aaaa1111 0199-bbbb2222"
    assert find(db, "kind:task -id:2222") == "0199-aaaa1111"


def test_a_project_is_found_by_id_ending_number_or_title(db: sqlite3.Connection) -> None:
    put(db, "0199-aaaa1111", {"title": "X 上市 Launch"}, kind="project", number="P-001")
    put(db, "t1", {"project": "0199-aaaa1111", "title": "手册"})
    put(db, "t2", {"project": "gone-ffff9999", "title": "X 上市"})
    put(db, "t3", {"source": "0199-aaaa1111"})
    for name in ("0199-aaaa1111", "1111", "p-001", "上市", "launch"):
        assert find(db, f"project:{name}") == "t1"
    assert find(db, "project:9999") == "t2"
    assert find(db, "project:none") == "0199-aaaa1111 t3"
    assert find(db, "-project:P-001") == "0199-aaaa1111 t2 t3"
    assert find(db, "source:launch") == find(db, "source:P-001") == "t3"


def test_bare_words_search_every_text_but_no_names_of_fields(db: sqlite3.Connection) -> None:
    put(db, "a", {"title": "说明书 Final", "standard": ["通过率 100%"]})
    put(db, "b", {"title": "Cafe\u0301", "links": [{"label": "规格"}]})
    assert find(db, "说明") == find(db, "FINAL 通过率") == find(db, '"说明书 final"') == "a"
    assert find(db, "café") == find(db, "规格") == "b"
    assert find(db, "-说明书") == "b"
    assert find(db, "title") == find(db, '"final 通过率"') == ""


@given(
    text=st.text(st.sampled_from('aAé改版1-é"\\/\n')),
    word=st.text(st.sampled_from('aAé改版1"/'), min_size=1, max_size=2),
    escaped=st.booleans(),
)
@settings(deadline=None)
def test_a_word_is_found_however_the_body_was_written(
    db: sqlite3.Connection, text: str, word: str, escaped: bool
) -> None:
    body = json.dumps({"note": text}, ensure_ascii=escaped).replace("/", "\\/")
    db.execute("DELETE FROM records")
    db.execute("INSERT INTO records (id, body, deleted) VALUES ('a', ?, 0)", [body])
    where, parameters, _order = to_sql(Query((Term("", "text", ":", (word,)),)), CONTEXT)
    found = db.execute(f"SELECT 1 FROM records WHERE {where}", parameters).fetchall()
    wanted = unicodedata.normalize("NFC", word.lower()) in unicodedata.normalize(
        "NFC", text.lower()
    )
    assert bool(found) == wanted


def test_flags_ask_for_what_is_derived(db: sqlite3.Connection) -> None:
    put(db, "a", {"owner": "张三", "state": "review"})
    put(db, "b", {"owner": "李四", "state": "doing"}, conflicts=2)
    put(db, "c", {"state": "doing"}, unsent=1)
    assert find(db, "is:mine") == find(db, "is:waiting") == "a"
    assert find(db, "is:conflict") == "b"
    assert find(db, "is:unsent") == "c"
    assert find(db, "-is:mine") == "b c"
    assert find(db, "is:mine,unsent") == "a c"
    assert find(db, "is:mine", CONTEXT._replace(me=None)) == ""


@pytest.mark.parametrize(
    ("due", "state", "late"),
    [
        ("2026-11-17", "doing", True),
        ("2026-11-18", "doing", False),
        ("2026-11-17", "done", False),
        ("2026-11-17", None, True),
        ("2026-11-18T09:29", "doing", True),
        ("2026-11-18T09:30", "doing", False),
        ("2026-11-18T17:00", "doing", False),
        ("2026-11-17T23:00", "doing", True),
        ("", "doing", False),
        (None, "doing", False),
    ],
)
def test_late_is_past_due_and_not_finished(
    db: sqlite3.Connection, due: str | None, state: str | None, late: bool
) -> None:
    put(db, "a", {"due": due, "state": state})
    assert find(db, "is:late") == ("a" if late else "")
    assert find(db, "-is:late") == ("" if late else "a")


def test_an_hour_is_late_from_its_first_second_on(db: sqlite3.Connection) -> None:
    put(db, "a", {"due": "2026-11-18T09:30"})
    assert find(db, "is:late", CONTEXT._replace(now=NOW.replace(second=1))) == "a"


def test_without_a_sort_records_stand_by_id_and_empty_ones_sort_last(
    db: sqlite3.Connection,
) -> None:
    put(db, "d", {"due": "2026-11-20", "priority": 1, "owner": "b", "amount": "9"}, number="T-999")
    put(
        db, "c", {"due": "2026-11-10", "priority": 2, "owner": "A", "amount": "10"}, number="T-1000"
    )
    put(db, "b", {"due": ""})
    put(db, "a")
    assert find(db, "") == "a b c d"
    assert find(db, "sort:due") == "c d a b"
    assert find(db, "sort:-due") == find(db, "-sort:due") == "d c a b"
    assert find(db, "sort:priority sort:-id") == "d c b a"
    assert find(db, "sort:owner") == "c d a b"
    assert find(db, "sort:amount") == find(db, "sort:number") == "d c a b"
    assert find(db, "sort:-amount,id") == "c d a b"


def test_states_and_chinese_names_leave_the_index_usable(db: sqlite3.Connection) -> None:
    where, parameters, _order = to_sql(parse("state:DOING owner:张三 due<3d", FIELDS), CONTEXT)
    assert "NOCASE" not in where
    assert parameters == ["doing", "张三", "2026-11-21"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"a":"X","b":["Y",{"c":"Z"}],"n":1,"t":null}', "x\ny\nz"),
        ('{"a":"e\u0301"}', "é"),
        ("{}", ""),
        ("", ""),
        ("{broken", ""),
        ("[" * 5_000, ""),
    ],
)
def test_the_text_of_a_body_is_its_strings_in_order(body: str, text: str) -> None:
    assert search_text(body) == text


# Nothing that is typed breaks out

NAMES = st.sampled_from(
    [*FIELDS, "id", "number", "kind", "author", "seq", "eff", "accepted", "is", "sort", "x'"]
)
OPERATORS = st.sampled_from([":", "=", "<", "<=", ">", ">=", "：", "＜", "》＝", "≥"])
VALUES = st.one_of(
    st.sampled_from(
        [
            *FLAGS,
            *FIELDS,
            "none",
            "3d",
            "2wd",
            "-1w",
            "fri",
            "2026-11",
            '"fri 17:00"',
            "1",
            "2.5",
            "yes",
        ]
    ),
    st.sampled_from(
        [
            "'; DROP TABLE records; --",
            "') OR 1=1 --",
            '"',
            "\x00",
            "%",
            "?",
            ":x",
            "\ud800",
            "9" * 20,
        ]
    ),
    st.text(max_size=8),
)
TERMS = st.builds("{}{}{}{}".format, st.sampled_from(["", "-", "－"]), NAMES, OPERATORS, VALUES)
QUERIES = st.one_of(st.text(), st.lists(st.one_of(TERMS, VALUES), max_size=6).map(" ".join))


@settings(deadline=None)
@given(text=QUERIES)
def test_whatever_is_typed_runs_or_is_a_query_error(db: sqlite3.Connection, text: str) -> None:
    put(
        db,
        "0199-aaaa1111",
        {"title": "x", "due": "2026-11-20", "standard": ["a"], "links": [{"label": "b"}]},
    )
    problem = ""
    try:
        find(db, text)
    except QueryError as error:
        problem = str(error)
    assert safe_text(problem) == problem
    db.execute("DELETE FROM records")


@settings(deadline=None)
@given(
    value=st.text(min_size=1, max_size=20),
    name=st.sampled_from(["owner", "title", "standard", "note", "project"]),
)
def test_a_value_reaches_sql_only_as_a_parameter(value: str, name: str) -> None:
    marked = f"zq{value}"
    where, parameters, _order = to_sql(Query((Term(name, FIELDS[name], ":", (marked,)),)), CONTEXT)
    assert "zq" not in where
    assert any("zq" in str(parameter) for parameter in parameters)
