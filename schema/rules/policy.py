"""The policy: every number and time of the guides, once, and what the workspace's records make of them.

A record overrides the parts of its row that it fills; what cannot be is passed over and named
in `wrong`, for one bad record must not stop a workspace.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from re import fullmatch
from typing import NamedTuple

from msgspec import Struct

from schema.records.kind import Body
from schema.rules.timing import ROLLS, TimeRule, amount_of
from schema.safe_text import safe_text
from schema.wording import N_, _
from schema.workdays import Calendar

TIMES = ("minutes", "hours", "working_hours", "days", "working_days")
LENGTHS = ("minutes", "hours")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


class Row(Struct, frozen=True):
    """One row: what it says by itself, the guide's row it comes from, and its English label.

    `units` are those that a record may choose among; empty where only `value` counts. `form` is
    what `value` must be: "" for none, else one of zone, hours, weekly, every, flag, number.
    """

    key: str
    label: str
    source: str
    amount: int = 0
    unit: str = ""
    roll: str = "none"
    units: tuple[str, ...] = ()
    value: str = ""
    form: str = ""


def _time(key: str, amount: int, unit: str, source: str, label: str, roll: str = "next") -> Row:
    return Row(key, label, source, amount, unit, roll, TIMES)


def _late(key: str, amount: int, source: str, label: str) -> Row:
    """Days left and days late are working days everywhere, so these rows have no other unit."""
    return Row(key, label, source, amount, "working_days", units=("working_days",))


def _count(key: str, amount: int, source: str, label: str) -> Row:
    return Row(key, label, source, amount, "count", units=("count",))


def _length(key: str, amount: int, source: str, label: str) -> Row:
    return Row(key, label, source, amount, "minutes", units=LENGTHS)


def _said(key: str, value: str, form: str, source: str, label: str, roll: str = "none") -> Row:
    return Row(key, label, source, value=value, form=form, roll=roll)


ROWS = {
    row.key: row
    for row in (
        _said("zone", "Asia/Shanghai", "zone", "S000-41", N_("Time zone of the workspace")),
        _said("hours", "09:00-18:00", "hours", "S001-41", N_("Working hours of a day")),
        _late("warn", 2, "S003-13", N_("Warning before a due date")),
        _time("answer", 24, "hours", "S003-14", N_("Answer to a blocker")),
        _time("escalate.initiator", 24, "hours", "S004-01", N_("Then it goes to the initiator")),
        _time(
            "escalate.decision", 24, "hours", "S004-01", N_("Then it goes to the decision layer")
        ),
        _late("late.emergency", 3, "S000-19", N_("Late by more calls for an emergency meeting")),
        _time("emergency", 24, "hours", "S000-19", N_("Emergency meeting within")),
        _said(
            "weekly.progress",
            "fri 17:00",
            "weekly",
            "S000-14",
            N_("Weekly progress by"),
            "previous",
        ),
        Row(
            "weekly.meeting",
            N_("Weekly meeting"),
            "S000-17",
            30,
            "minutes",
            "next",
            LENGTHS,
            "mon 10:00",
            "weekly",
        ),
        _said("weekly.report", "fri", "weekly", "S003-12", N_("Weekly report by"), "previous"),
        _length("sync.minutes", 30, "S001-24", N_("Sync meeting at most")),
        _time("remind", 1, "working_days", "S004-12", N_("Reminder before a due date"), "none"),
        _time("minutes", 24, "hours", "S001-21", N_("Minutes after a meeting")),
        _time("objection", 24, "hours", "S001-22", N_("Objection after the minutes")),
        _time(
            "notice.least", 3, "working_days", "S001-10", N_("Notice of a meeting at least"), "none"
        ),
        _time(
            "notice.most", 5, "working_days", "S001-10", N_("Notice of a meeting at most"), "none"
        ),
        _time("material", 1, "working_days", "S001-12", N_("Material before a meeting"), "none"),
        _time("dispute", 2, "working_days", "S001-17", N_("Follow-up of a dispute")),
        _length("meeting.minutes.least", 60, "S001-09", N_("Meeting at least")),
        _length("meeting.minutes.most", 90, "S001-09", N_("Meeting at most")),
        _length("topic.minutes.least", 30, "S004-08", N_("Topic meeting at least")),
        _length("topic.minutes.most", 60, "S004-08", N_("Topic meeting at most")),
        _length("opening", 5, "S001-13", N_("Opening of a meeting")),
        _length("intro", 3, "S001-15", N_("Introduction of a topic")),
        _length("closing", 10, "S001-18", N_("Closing of a meeting")),
        _time("retro.after", 3, "working_days", "S000-25", N_("Retrospective after the end")),
        _count("meeting.people", 8, "S001-29", N_("People in a meeting at most")),
        _count("departments", 5, "S000-03", N_("Core departments at most")),
        _said("figures", "month", "every", "S002-07", N_("Figures of the goals every")),
        _said("fulfilment.person", "no", "flag", "S002-10", N_("Fulfilment shown by person")),
        _said("number.task", "", "number", "S003-20", N_("Number of a task")),
        _said("number.blocker", "", "number", "S003-20", N_("Number of a blocker")),
        _said("number.meeting", "", "number", "S003-20", N_("Number of a meeting")),
        _said("number.request", "", "number", "S003-20", N_("Number of a request")),
    )
}


class Wrong(NamedTuple):
    """What a policy record says that cannot be: its key, the field and what it holds."""

    key: str
    field: str
    value: str

    @property
    def words(self) -> str:
        """It in a sentence."""
        if self.field == "key":
            return _("No rule of the policy is called {key}.", key=_shown(self.key))
        return _(
            "Policy {key}: {value} cannot be its {field}; the default holds.",
            key=_shown(self.key),
            value=_shown(self.value),
            field=self.field,
        )


class Weekly(NamedTuple):
    """A moment of every week: a weekday (0 is Monday) and an hour, None for the end of the day."""

    weekday: int
    hour: time | None
    roll: str

    def of(self, week: date, calendar: Calendar) -> tuple[date, time | None]:
        """Its day and hour in the week of this day, moved off a day nobody works.

        Raises OverflowError outside the years 1 to 9999.
        """
        day = week + (self.weekday - week.weekday()) * _DAY
        if self.roll != "none" and not calendar.is_workday(day):
            day = calendar.add_workdays(day, 1 if self.roll == "next" else -1)
        return day, self.hour

    def stored(self, week: date, calendar: Calendar) -> str:
        """The same as a date is stored: `2026-11-27T17:00`, or the day alone."""
        day, hour = self.of(week, calendar)
        return f"{day}" if hour is None else datetime.combine(day, hour).isoformat("T", "minutes")


class Policy:
    """The rows as the records of a workspace have them; a value, never changed."""

    __slots__ = ("_rules", "_values", "wrong")

    def __init__(
        self, rules: dict[str, TimeRule], values: dict[str, str], wrong: tuple[Wrong, ...]
    ) -> None:
        self._rules = rules
        self._values = values
        self.wrong = wrong

    @classmethod
    def under(cls, records: Iterable[Body]) -> Policy:
        """The policy that these policy records, undeleted bodies, ask for; whatever they hold."""
        rules, values, wrong = dict(_RULES), dict(_VALUES), list[Wrong]()
        for body in records:
            key = body.get("key")
            row = ROWS.get(key) if isinstance(key, str) else None
            if row is None:
                wrong.append(Wrong(str(key), "key", str(key)))
                continue
            wrong.extend(_faults(row, body))
            if row.units:
                unit = body.get("unit")
                unit = unit if unit in row.units else row.unit
                amount = body.get("amount") or str(row.amount)
                rules[row.key] = _taken(row, {**body, "unit": unit, "amount": amount})
            elif body.get("roll") in ROLLS and row.form == "weekly":
                rules[row.key] = TimeRule(0, "days", str(body["roll"]))
            value = body.get("value")
            if row.form and isinstance(value, str) and _fits(row.form, value):
                values[row.key] = value.strip()
        opens, closes = _hours(values["hours"])
        if (opens, closes) != (0, _MIDNIGHT):
            rules = {key: rule._replace(day=(opens, closes)) for key, rule in rules.items()}
        for key, rule in rules.items():
            if rule.years > _LONGEST:
                wrong.append(Wrong(key, "amount", str(rule.amount)))
                rules[key] = _RULES[key]._replace(day=rule.day)
        return cls(rules, values, tuple(wrong))

    def rule(self, key: str) -> TimeRule:
        """The time rule of a row; KeyError where the row is no time."""
        if not ROWS[key].units:
            raise KeyError(key)
        return self._rules[key]

    def count(self, key: str) -> int:
        """How many: of people, of departments, of working days; of minutes where it is a length."""
        rule = self.rule(key)
        return (
            rule.amount * 60 if rule.unit == "hours" and ROWS[key].units == LENGTHS else rule.amount
        )

    def text(self, key: str) -> str:
        """What a row says in words: a zone, hours, a weekday and an hour, the form of a number."""
        return self._values[key]

    def flag(self, key: str) -> bool:
        """Whether a row says yes."""
        return self._values[key] == "yes"

    def weekly(self, key: str) -> Weekly:
        """The moment of every week that a row names."""
        weekday, _space, hour = self._values[key].partition(" ")
        at = time.fromisoformat(hour) if hour else None
        return Weekly(_WEEKDAYS.index(weekday), at, self._rules[key].roll)


_MIDNIGHT = 24 * 60
_LONGEST = 10
"""The most years that a time may run."""
_RULES = {
    row.key: TimeRule(row.amount, row.unit or "days", row.roll)
    for row in ROWS.values()
    if row.units or row.form == "weekly"
}
_VALUES = {row.key: row.value for row in ROWS.values() if row.form}


def _taken(row: Row, body: Body) -> TimeRule:
    rule = TimeRule(row.amount, row.unit, row.roll)
    if row.unit != "count":
        return rule.under(body)
    amount = body.get("amount")
    whole = amount_of(amount, "days")
    return rule if whole is None else rule._replace(amount=whole[0])


def _faults(row: Row, body: Body) -> Iterable[Wrong]:
    unit, roll, value = body.get("unit"), body.get("roll"), body.get("value")
    if unit and row.units and unit not in row.units:
        yield Wrong(row.key, "unit", str(unit))
    amount = body.get("amount")
    if amount and row.units:
        chosen = str(unit) if unit in row.units else row.unit
        if amount_of(amount, "days" if chosen == "count" else chosen) is None:
            yield Wrong(row.key, "amount", str(amount))
    if roll and roll not in ROLLS:
        yield Wrong(row.key, "roll", str(roll))
    if value and row.form and not (isinstance(value, str) and _fits(row.form, value)):
        yield Wrong(row.key, "value", str(value))


def _fits(form: str, value: str) -> bool:
    value = value.strip()
    match form:
        case "zone":
            from schema.dates import known_zone

            return value == ROWS["zone"].value or (bool(value) and known_zone(value))
        case "hours":
            opens, closes = _hours(value)
            return opens < closes
        case "weekly":
            day = rf"(?:{'|'.join(_WEEKDAYS)})(?: (?:[01][0-9]|2[0-3]):[0-5][0-9])?"
            return fullmatch(day, value) is not None
        case "every":
            return value in ("day", "week", "fortnight", "month")
        case "flag":
            return value in ("yes", "no")
    return "{serial}" in value


def _hours(value: str) -> tuple[int, int]:
    """`09:00-18:00` as minutes of the day; two zeros where it is nothing of the kind."""
    clock = r"([01][0-9]|2[0-4]):([0-5][0-9])"
    found = fullmatch(rf"{clock} ?- ?{clock}", value.strip())
    if found is None:
        return 0, 0
    first, second, third, fourth = map(int, found.groups())
    closes = third * 60 + fourth
    return (first * 60 + second, closes) if closes <= _MIDNIGHT else (0, 0)


def _shown(text: str) -> str:
    return safe_text(text)[:40]


DEFAULT = Policy.under(())
"""What holds where no record says otherwise."""
