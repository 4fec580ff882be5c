"""The policy as people read it: each row in words, by groups, and who changed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from schema.ids import derived_id
from schema.records import KINDS
from schema.rules.policy import DEFAULT, LENGTHS, ROWS, TIMES, Policy, Row
from schema.safe_text import safe_text
from schema.wording import N_, _
from syncd.store.owing import papers
from syncd.store.reading import policy_of
from syncd.store.replica import Replica
from syncd.store.rows import Record
from tui.cli.text import WEEKDAYS

GROUPS: dict[str, tuple[str, ...]] = {
    N_("Workspace"): ("zone", "hours"),
    N_("Time rules"): (
        "answer",
        "escalate.initiator",
        "escalate.decision",
        "warn",
        "remind",
        "late.emergency",
        "emergency",
        "dispute",
        "retro.after",
    ),
    N_("Every week and month"): ("weekly.progress", "weekly.report", "weekly.meeting", "figures"),
    N_("Meetings"): (
        "notice.least",
        "notice.most",
        "material",
        "meeting.minutes.least",
        "meeting.minutes.most",
        "topic.minutes.least",
        "topic.minutes.most",
        "sync.minutes",
        "opening",
        "intro",
        "closing",
        "minutes",
        "objection",
    ),
    N_("People and departments"): ("meeting.people", "departments", "fulfilment.person"),
    N_("Numbers"): ("number.task", "number.blocker", "number.meeting", "number.request"),
}
UNKNOWN = N_("Cannot be")
BEFORE = ("warn", "remind", "notice.least", "notice.most", "material")
"""Time rules that are counted back from a date."""

_EVERY = {
    "day": N_("every day"),
    "week": N_("every week"),
    "fortnight": N_("every two weeks"),
    "month": N_("every month"),
}
_EXAMPLES = {
    "zone": "Asia/Shanghai",
    "hours": "09:00-18:00",
    "weekly": "fri 17:00",
    "every": "day / week / fortnight / month",
    "flag": "yes / no",
    "number": "XLX-{year}-{serial}",
}
_ROLLED = {
    "next": N_("{said}, else next working day"),
    "previous": N_("{said}, else working day before"),
}


class RuleRow(NamedTuple):
    """One row as it is read; `record` changed it, None where the default holds.

    `wrong` says what its record asks for that cannot be. `key` is "" for a record that names no
    row, whose `label` is what it names.
    """

    id: str
    group: str
    key: str
    label: str
    value: str
    source: str
    record: Record | None
    wrong: tuple[str, ...]


def rulebook(replica: Replica, year: int) -> list[RuleRow]:
    """Every row of the policy in the order of its groups, then the records that name no row.

    `year` is what a number is shown with.
    """
    policy = policy_of(replica.conn)
    found = sorted(papers(replica.conn, ("policy",)), key=lambda each: each.id)
    records = replica.records([(each.kind, each.id) for each in found])
    by_key: dict[str, Record] = {}
    strays = []
    for each in found:
        key = each.body.get("key")
        record = records.get((each.kind, each.id))
        if isinstance(key, str) and key in ROWS and record is not None:
            # Two records of one key are an odd client's; the policy takes the last.
            by_key[key] = record
        elif record is not None:
            strays.append((safe_text(str(key or "")), record))
    rows = [
        RuleRow(
            id=derived_id("policy", key),
            group=group,
            key=key,
            label=_(ROWS[key].label),
            value=in_words(policy, key, year),
            source=ROWS[key].source,
            record=by_key.get(key),
            wrong=tuple(_wrong(policy, ROWS[key])),
        )
        for group, keys in GROUPS.items()
        for key in keys
    ]
    return rows + [_stray(name, record) for name, record in strays]


def in_words(policy: Policy, key: str, year: int) -> str:
    """What a row of a policy says, as people say it."""
    row = ROWS[key]
    if row.form == "weekly":
        return _weekly(policy, row)
    if row.form:
        return _said(row, policy.text(key), year)
    rule = policy.rule(key)
    if row.unit == "count":
        return str(rule.amount)
    on_the_clock = row.units == TIMES and rule.unit in ("minutes", "hours", "days")
    return _off_day(rule.short, rule.roll) if on_the_clock else rule.short


def by_default(key: str, year: int) -> str:
    """What a row says where nobody changed it."""
    return in_words(DEFAULT, key, year)


def begun(key: str) -> dict[str, Any]:
    """What a record begins with that changes a row: what holds without it."""
    row = ROWS[key]
    body: dict[str, Any] = {"key": key, "source": row.source}
    if row.units:
        body |= {"amount": str(row.amount), "unit": row.unit}
    if row.form:
        body["value"] = row.value
    if row.units == TIMES or row.form == "weekly":
        body["roll"] = row.roll
    return body


def fields_of(key: str) -> tuple[str, ...]:
    """The fields by which a row is changed."""
    return tuple(name for name in begun(key) if name not in ("key", "source"))


def allowed(key: str) -> list[str]:
    """What the fields of a row may hold, in sentences."""
    row = ROWS[key]
    words = dict(KINDS["policy"].by_name["unit"].words)
    units = [_(words[unit]) for unit in row.units if unit in words]
    told = [_("Units: {units}", units=_(", ").join(units))] if len(units) > 1 else []
    if row.form:
        told.append(_("Written like {example}", example=_EXAMPLES[row.form]))
    return told


def _weekly(policy: Policy, row: Row) -> str:
    at = policy.weekly(row.key)
    hour = f" {at.hour:%H:%M}" if at.hour else ""
    said = f"{_(WEEKDAYS[at.weekday])}{hour}"
    if row.units == LENGTHS:
        said = _(", ").join([said, policy.rule(row.key).short])
    return _off_day(said, at.roll)


def _off_day(said: str, roll: str) -> str:
    return _(_ROLLED[roll], said=said) if roll in _ROLLED else said


def _said(row: Row, text: str, year: int) -> str:
    match row.form:
        case "every":
            return _(_EVERY[text])
        case "flag":
            return _("yes") if text == "yes" else _("no")
        case "number":
            form = KINDS[row.key.partition(".")[2]].number
            if form is None:
                return text
            return form.under({"value": text}).number(1, year)
    return text


def cannot_be(body: Mapping[str, Any]) -> list[str]:
    """What the body of a policy record asks for that cannot be, or leaves out, in sentences."""
    row = ROWS.get(str(body.get("key") or ""))
    if row is None:
        return []
    found = list(_wrong(Policy.under([body]), row))
    needed = [*(["amount"] if row.units else []), *(["value"] if row.value else [])]
    fields = KINDS["policy"].by_name
    found += [
        _(
            "{label}: {field} is empty; the default holds.",
            label=_(row.label),
            field=_(fields[name].label),
        )
        for name in needed
        if not str(body.get(name) or "").strip()
    ]
    return found


def _wrong(policy: Policy, row: Row) -> Iterator[str]:
    fields = KINDS["policy"].by_name
    for each in policy.wrong:
        if each.key == row.key:
            yield _(
                "{label}: {value} cannot be its {field}; the default holds.",
                label=_(row.label),
                value=safe_text(each.value)[:40],
                field=_(fields[each.field].label),
            )


def _stray(name: str, record: Record) -> RuleRow:
    words = _("No rule of the policy is called {key}.", key=name[:40])
    return RuleRow(record.id, UNKNOWN, "", name, words, "", record, (words,))


def changed_at(row: RuleRow) -> int:
    """When a row was changed, in microseconds; 0 where the default holds."""
    if row.record is None:
        return 0
    return row.record.shown.eff or row.record.shown.at


def as_json(row: RuleRow, policy: Policy) -> Mapping[str, Any]:
    """A row for programs; times in RFC 3339."""
    from syncd.store.reading import rfc3339

    known = ROWS.get(row.key)
    rule = policy.rule(row.key) if known is not None and known.units else None
    return {
        "key": row.key or row.label,
        "label": row.label,
        "words": row.value,
        "amount": rule.amount if rule else None,
        "unit": rule.unit if rule and known else None,
        "roll": rule.roll if rule else None,
        "value": policy.text(row.key) if known is not None and known.form else None,
        "row": row.source,
        "id": row.id,
        "changed_by": row.record.shown.author if row.record else None,
        "changed": rfc3339(changed_at(row)) if row.record else None,
        "wrong": list(row.wrong),
    }
