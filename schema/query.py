"""The filter language: `due<2wd owner:张三 -state:done "final manual" sort:-due`, read into terms and compiled to SQL.

Terms are ANDed, the values of one term ORed. Full-width punctuation counts as ASCII. Values reach SQL only as
parameters, and names of fields only after they were found among those handed in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from schema import dates
from schema.errors import DateError, QueryError
from schema.safe_text import clean, safe_text
from schema.wording import _

if TYPE_CHECKING:
    from schema.workdays import Calendar

FLAGS = ("late", "mine", "waiting", "conflict", "unsent", "deleted")

# Other words for fields, where a kind has no label of its own that says so.
SYNONYMS: Mapping[str, str] = {
    "标题": "title",
    "截止": "due",
    "截止日期": "due",
    "期限": "due",
    "名称": "title",
    "dept": "department",
    "责任人": "owner",
}
ME = ("me", "我")

_LONGEST = 2_000
_MOST_VALUES = 100
_NOTHING: Mapping[str, str] = {}

# What every record has beside its body; `accepted` can only be sorted by and found empty.
_ENVELOPE = {
    "id": "id",
    "kind": "word",
    "number": "number",
    "author": "person",
    "seq": "int",
    "eff": "int",
    "accepted": "stamp",
}
_LIFTED = frozenset(
    {"title", "state", "project", "department", "owner", "start", "due", "priority"}
)

# Patterns are compiled when first used, for a quick start.
_QUOTES = '"“”＂'
_TOKEN = rf"(?:[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]?|[^\s{_QUOTES}])+"
_NAMED = r"([^\W\d]\w*)(?:([<＜《〈][=＝]?|[>＞》〉][=＝]?)|([≤≥])|([:：=＝]))(.*)"
_VALUE = rf"(?:[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]?|[^,，{_QUOTES}])+"
_QUOTE = rf"[{_QUOTES}]"
_ASCII_OPERATORS = str.maketrans("：＝＜《〈＞》〉", ":=<<<>>>")
_MINUS = ("-", "－")
_EMPTY = ("none", "无")

_IDENTIFIER = r"[a-z][a-z0-9_]*"
_INT = r"[+-]?[0-9]{1,18}"
_NUM = r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?"
_PLAIN_WORD = r"[0-9a-z\u3400-\u9fff-]+"
_ID_ENDING = r"[0-9a-f-]{4,36}"
_YES = ("yes", "true", "1", "是")
_NO = ("no", "false", "0", "否")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

_DATED = ("date", "when", "month")
_COMPARED = (*_DATED, "int", "num")


class Term(NamedTuple):
    """One condition: a field ("" searches the text, "is" asks for a flag), how it is compared, and any of its values.

    A value of None is emptiness (`due:none`).
    """

    field: str
    type: str
    operator: str
    values: tuple[str | None, ...]
    negated: bool = False


class Sort(NamedTuple):
    """One field to order by."""

    field: str
    type: str
    descending: bool = False


class Query(NamedTuple):
    """A filter as it was read; an empty one finds every record that is not deleted."""

    terms: tuple[Term, ...] = ()
    sorts: tuple[Sort, ...] = ()

    @property
    def deleted(self) -> bool:
        """Whether deleted records were asked for."""
        return any(t.field == "is" and "deleted" in t.values and not t.negated for t in self.terms)

    def asks(self, flag: str) -> bool:
        """Whether a flag is asked for, or its contrary."""
        return any(t.field == "is" and flag in t.values for t in self.terms)


class QueryContext(NamedTuple):
    """Who asks, when and where; `finished` are the states in which nothing is late any more.

    `late` are ids of what is late by more than its due: blockers, by their clocks.
    """

    now: datetime
    zone: str
    calendar: Calendar
    me: str | None
    finished: frozenset[str]
    late: Sequence[str] = ()


def parse(
    text: str,
    fields: Mapping[str, str],
    *,
    aliases: Mapping[str, str] = _NOTHING,
    words: Mapping[str, str] = _NOTHING,
) -> Query:
    """Reads a filter over these fields (name to type word); a QueryError says what cannot be understood.

    `aliases` are other names of fields and `words` other names of state and enum words, as the reader sees them
    (`负责人` for `owner`, `进行中` for `doing`).
    """
    text = clean(text, lines=False)
    if len(text) > _LONGEST:
        raise _too_long()
    known = {**fields, **_ENVELOPE}
    terms: list[Term] = []
    sorts: list[Sort] = []
    for token in re.findall(_TOKEN, text):
        negated = len(token) > 1 and token.startswith(_MINUS)
        body = token[1:] if negated else token
        named = re.fullmatch(_NAMED, body)
        name = named and _field_name(named[1], known, aliases, colon=named[4] in (":", "："))
        if named is None or name is None:
            if found := _unquoted(body):
                terms.append(Term("", "text", ":", (found,), negated))
            continue
        values = re.findall(_VALUE, named[5])
        if name == "sort":
            sorts.extend(_sort(value, known, aliases, negated) for value in values)
            continue
        operator = _operator(named)
        type_ = "flag" if name == "is" else known[name]
        read = (_value(value, type_, words) for value in values)
        term = Term(name, type_, operator, tuple(v for v in read if v is None or v), negated)
        _check(term)
        terms.append(term)
    if sum(len(term.values) for term in terms) + len(sorts) > _MOST_VALUES:
        raise _too_long()
    return Query(tuple(terms), tuple(sorts))


def to_sql(query: Query, context: QueryContext) -> tuple[str, list[object], str]:
    """The where-clause, its parameters and the order-by over `records`; QueryError where a value does not fit its field.

    The connection needs the function `search_text`.
    """
    clauses = [] if query.deleted else ["deleted = 0"]
    parameters: list[object] = []
    for term in query.terms:
        parts: list[str] = []
        for value in term.values:
            sql, values = _condition(term, value, context)
            parts.append(sql)
            parameters.extend(values)
        clause = f"({' OR '.join(parts)})"
        clauses.append(f"{clause} IS NOT TRUE" if term.negated else clause)
    return " AND ".join(clauses) or "1", parameters, _order(query.sorts)


def search_text(body_json: str) -> str:
    """Every text in a body, lower-cased and NFC, one a line: what bare words are looked for in."""
    if not body_json:
        return ""
    import msgspec

    try:
        left: list[object] = [msgspec.json.decode(body_json)]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    texts: list[str] = []
    while left:
        value = left.pop()
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict):
            left.extend(reversed(value.values()))
        elif isinstance(value, list):
            left.extend(reversed(value))
    return _fold("\n".join(texts))


def _field_name(
    name: str, known: Mapping[str, str], aliases: Mapping[str, str], *, colon: bool
) -> str | None:
    """The field's own name; None where a word before a colon is plain text (`主题：评审`)."""
    own = aliases.get(name, name.lower())
    if own not in known and SYNONYMS.get(own) in known:
        own = SYNONYMS[own]
    if own in known or own in ("is", "sort"):
        return own
    if colon and not name.isascii():
        return None
    nearest = _nearest(name.lower(), (*known, "is", "sort", *aliases))
    raise QueryError(
        _("No field is called {name}.", name=safe_text(name)[:40]),
        _(
            "The nearest is {nearest}; put words in quotes to search the text.",
            nearest=nearest,
        )
        if nearest
        else _("Put words in quotes to search the text."),
    )


def _operator(named: re.Match[str]) -> str:
    if named[3]:
        return "<=" if named[3] == "≤" else ">="
    return str(named[2] or named[4]).translate(_ASCII_OPERATORS)


def _value(raw: str, type_: str, words: Mapping[str, str]) -> str | None:
    text = _unquoted(raw)
    if type_ != "flag" and text == raw and text.lower() in _EMPTY:
        return None
    if type_ in ("word", "flag"):
        return words.get(text, text).lower()
    return text


def _unquoted(raw: str) -> str:
    return re.sub(_QUOTE, "", raw).strip()


def _check(term: Term) -> None:
    if term.type == "flag":
        _check_flags(term)
    if not term.values:
        raise QueryError(
            _("{field} has no value to look for.", field=term.field),
            _("Write {field}:none to find the empty ones.", field=term.field),
        )
    ordered = term.operator[0] in "<>"
    if ordered and (term.type not in _COMPARED or None in term.values):
        raise QueryError(
            _(
                "{field} cannot be compared with {operator}.",
                field=term.field,
                operator=term.operator,
            ),
            _("Write {field}:word.", field=term.field),
        )


def _check_flags(term: Term) -> None:
    if not term.values:
        raise QueryError(
            _("{field} has no value to look for.", field=term.field),
            _("Write one of {words}.", words=" ".join(f"is:{flag}" for flag in FLAGS)),
        )
    for value in term.values:
        if value not in FLAGS:
            raise QueryError(
                _("is: does not know {word}.", word=safe_text(value or "")[:40]),
                _("The nearest is is:{nearest}.", nearest=nearest)
                if (nearest := _nearest(value or "", FLAGS))
                else _("Write one of {words}.", words=" ".join(f"is:{flag}" for flag in FLAGS)),
            )


def _sort(raw: str, known: Mapping[str, str], aliases: Mapping[str, str], negated: bool) -> Sort:
    name = _unquoted(raw)
    descending = name.startswith(_MINUS)
    name = name[1:] if descending else name.removeprefix("+")
    own = aliases.get(name, name.lower())
    if own not in known:
        own = SYNONYMS.get(own, own)
    if own not in known:
        nearest = _nearest(own, (*known, *aliases))
        raise QueryError(
            _("No field is called {name}.", name=safe_text(name)[:40]),
            _("The nearest is sort:{nearest}.", nearest=nearest)
            if nearest
            else _("Write sort:due, or sort:-due for the other way round."),
        )
    return Sort(own, known[own], descending is not negated)


def _nearest(name: str, names: tuple[str, ...]) -> str:
    """The name that is near enough to be meant, or ""."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name[:40], names, n=1)), "")


def _too_long() -> QueryError:
    return QueryError(_("This filter is too long."), _("Leave some of its words out."))


_Condition = tuple[str, list[object]]


def _condition(term: Term, value: str | None, context: QueryContext) -> _Condition:
    if term.type == "flag":
        return _flag(value or "", context)
    if term.field == "":
        return _text(value or "")
    if term.type == "person" and value in ME and context.me:
        value = context.me
    column = _column(term.field)
    if value is None:
        empty = "('', '[]', 'none')" if term.type == "word" else "('', '[]')"
        return f"coalesce({column}, '') IN {empty}", []
    if term.type in _DATED:
        return _dated(term, column, value, context)
    if term.type in ("int", "num"):
        return _numeric(term, column, value)
    if term.type == "bool":
        return f"coalesce({column}, 0) = ?", [_truth(term, value)]
    if term.type in ("list", "rows", "row"):
        each = f"SELECT 1 FROM json_tree(body, '$.{term.field}') WHERE"
        if term.operator == "=":
            return f"EXISTS ({each} atom = ? COLLATE NOCASE)", [value]
        return f"EXISTS ({each} instr(lower(atom), ?) > 0)", [_lower(value)]
    if term.type == "ref":
        return _reference(term, column, value)
    if term.type == "id":
        return "substr(id, -?) = ?", [len(value), _lower(value)]
    if term.type in ("line", "text") and term.operator == ":":
        return f"instr(lower({column}), ?) > 0", [_lower(value)]
    # Enum words are stored in lower case and Chinese has none: without a collation an index serves them.
    cased = term.type != "word" and _lower(value) != value.upper()
    return f"{column} = ?" + (" COLLATE NOCASE" if cased else ""), [value]


def _text(value: str) -> _Condition:
    word = _fold(value)
    numbered = "instr(lower(coalesce(number, '')), ?) > 0"
    searched = "instr(search_text(body), ?) > 0"
    if re.fullmatch(_PLAIN_WORD, word) is None:
        return f"({searched} OR {numbered})", [word, word]
    # Most bodies are ruled out as they are stored, ten times faster; those with escapes have to be read.
    raw = "(instr(lower(body), ?) > 0 OR instr(body, '\\u') > 0)"
    return f"({raw} AND {searched} OR {numbered})", [word, word, word]


def _flag(flag: str, context: QueryContext) -> _Condition:
    match flag:
        case "late":
            return _late(context)
        case "mine":
            return ("owner = ?", [context.me]) if context.me else ("0", [])
        case "waiting":
            return "state = 'review'", []
        case "conflict":
            return "conflicts > 0", []
        case "unsent":
            return "unsent > 0", []
        case _:
            return "deleted = 1", []


def _late(context: QueryContext) -> _Condition:
    wall = dates.local(context.now, context.zone)
    # On the minute the seconds are left out, so that 17:00 is not before 17:00:00.
    clock = wall.isoformat(timespec="auto" if wall.second or wall.microsecond else "minutes")
    finished = sorted(context.finished)
    marks = ", ".join("?" * len(finished))
    due = f"due > '' AND (due < ? OR (length(due) > 10 AND due < ?)) AND coalesce(state, '') NOT IN ({marks})"
    parameters: list[object] = [wall.date().isoformat(), clock, *finished]
    if not context.late:
        return f"({due})", parameters
    others = "id IN (SELECT value FROM json_each(?))"
    return f"({due} OR {others})", [*parameters, json.dumps(list(context.late))]


def _dated(term: Term, column: str, value: str, context: QueryContext) -> _Condition:
    stored = _stored(value, term.type, context)
    if len(stored) > 10:
        # A date without an hour ends with its day.
        moment = f"CASE length({column}) WHEN 10 THEN {column} || 'T24:00' ELSE {column} END"
        operator = "=" if term.operator == ":" else term.operator
        return f"({column} > '' AND {moment} {operator} ?)", [stored]
    after = _after(stored)
    match term.operator:
        case "<":
            return f"({column} > '' AND {column} < ?)", [stored]
        case "<=":
            return f"({column} > '' AND {column} < ?)", [after]
        case ">":
            return f"{column} >= ?", [after]
        case ">=":
            return f"{column} >= ?", [stored]
        case _:
            return f"({column} >= ? AND {column} < ?)", [stored, after]


def _stored(value: str, type_: str, context: QueryContext) -> str:
    """The stored form of a date in a filter: a day, an hour or a whole month."""
    kinds: tuple[dates.Kind, ...] = ("month",) if type_ == "month" else ("when", "month")
    problems: list[DateError] = []
    for kind in kinds:
        try:
            return dates.parse(
                value, now=context.now, zone=context.zone, calendar=context.calendar, kind=kind
            )
        except DateError as error:
            problems.append(error)
    raise QueryError(problems[0].sentence, problems[0].way_out)


def _after(stored: str) -> str:
    """The first text after every date within this day or month."""
    if len(stored) == 7:
        year, month = int(stored[:4]), int(stored[5:])
        return f"{year + month // 12:04}-{month % 12 + 1:02}"
    return (date.fromisoformat(stored) + timedelta(days=1)).isoformat()


def _numeric(term: Term, column: str, value: str) -> _Condition:
    pattern = _INT if term.type == "int" else _NUM
    if re.fullmatch(pattern, value) is None:
        raise QueryError(
            _("{field} is a number, not {value}.", field=term.field, value=safe_text(value)[:40]),
            _("Write {field}:3 or {field}<3.", field=term.field),
        )
    operator = "=" if term.operator == ":" else term.operator
    if term.type == "int":
        return f"{column} {operator} ?", [int(value)]
    return f"CAST(nullif({column}, '') AS REAL) {operator} ?", [float(value)]


def _truth(term: Term, value: str) -> int:
    folded = value.lower()
    if folded not in (*_YES, *_NO):
        raise QueryError(
            _("{field} is yes or no, not {value}.", field=term.field, value=safe_text(value)[:40]),
            _("Write {field}:yes or {field}:no.", field=term.field),
        )
    return int(folded in _YES)


def _reference(term: Term, column: str, value: str) -> _Condition:
    """By id, by the ending of an id, by number, or by a part of the title of what is referred to."""
    folded = _lower(value)
    only = "kind = 'project' AND " if term.field == "project" else ""
    named = f"{only}(number = ? COLLATE NOCASE OR instr(lower(title), ?) > 0)"
    sql = f"{column} = ? OR {column} IN (SELECT id FROM records WHERE {named})"
    parameters: list[object] = [folded, value, folded]
    if re.fullmatch(_ID_ENDING, folded):
        sql += f" OR substr({column}, -?) = ?"
        parameters += [len(folded), folded]
    return f"({sql})", parameters


def _order(sorts: tuple[Sort, ...]) -> str:
    parts: list[str] = []
    for sort in sorts:
        way = "DESC" if sort.descending else "ASC"
        filled = f"nullif({_column(sort.field)}, '')"
        if sort.type == "number":
            keys = [f"length({filled})", filled]
        elif sort.type == "num":
            keys = [f"CAST({filled} AS REAL)"]
        elif sort.type in ("line", "text", "word", "dept", "person"):
            keys = [f"{filled} COLLATE NOCASE"]
        else:
            keys = [filled]
        parts.extend(f"{key} {way} NULLS LAST" for key in keys)
    return ", ".join([*parts, "id"])


def _column(field: str) -> str:
    if field in _LIFTED or field in _ENVELOPE:
        return field
    if re.fullmatch(_IDENTIFIER, field) is None:
        raise ValueError(f"not a field name: {field!r}")
    return f"json_extract(body, '$.{field}')"


def _lower(text: str) -> str:
    """Lower case as SQLite's own `lower` has it, which knows ASCII only."""
    return text.translate(_LOWER)


def _fold(text: str) -> str:
    from unicodedata import normalize

    return normalize("NFC", text.lower())
