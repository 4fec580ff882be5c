"""Every action of the app, once: its id, its keys, its words and its line of help.

Bindings, the keys row, the help, the command palette and `docs/keys.md` are made from this table.
Keys are Textual's names; the first is the one shown. Full-width punctuation stands beside ASCII,
and nothing is only on a letter, so that an input method may stay on.
"""

from __future__ import annotations

from msgspec import Struct
from textual.binding import Binding, BindingType
from textual.keys import key_to_character

from schema.wording import N_


class Action(Struct, frozen=True):
    """One action; `display` is how its keys are shown where that is not the first key.

    `shown` puts it into the keys row, `right` at its right end; `palette` lets the command
    palette offer it; `priority` lets it through while something is typed.
    """

    id: str
    keys: str
    words: str
    help: str
    display: str = ""
    shown: bool = True
    right: bool = False
    palette: bool = True
    priority: bool = False

    @property
    def method(self) -> str:
        """The action's name where it is bound: `board.move_on` is `action_move_on`."""
        return self.id.partition(".")[2]


_ALL = (
    # everywhere
    Action("app.palette", "ctrl+p", N_("Command"), N_("find an action or a record by typing"), right=True, palette=False, priority=True),
    Action("app.filter", "slash,、,／", N_("Filter"), N_("narrow the list down"), right=True),
    Action("app.help", "f1,question_mark,？", N_("Help"), N_("what the keys do here"), display="?", right=True),
    Action("app.quit", "ctrl+q", N_("Quit"), N_("end the app; nothing is lost"), shown=False, priority=True),
    Action("app.undo", "ctrl+z", N_("Undo"), N_("take back what I did last"), shown=False),
    Action("app.suspend", "f12", N_("To the shell"), N_("put the app aside; `fg` brings it back"), shown=False),
    Action("app.language", "f10", N_("Language"), N_("Chinese or English"), shown=False, priority=True),
    Action("app.theme", "f9", N_("Colours"), N_("the next theme"), shown=False, priority=True),
    Action("app.project", "f8", N_("Project"), N_("show one project, or all"), shown=False),
    Action("app.search", "f7", N_("Search"), N_("search over everything"), shown=False),
    Action("app.trash", "f6", N_("Trash"), N_("what was deleted, to restore"), shown=False),
    Action("app.records", "f5", N_("All records"), N_("every kind of record as a list"), shown=False),
    Action("app.truth", "f2", N_("Syncing"), N_("how this copy stands to its hub, and the refused edits"), shown=False),
    Action("app.join", "", N_("Join a hub"), N_("with an invitation's address and code"), shown=False),
    Action("app.load", "", N_("Load a plan"), N_("records from a jsonl file"), shown=False),
    Action("app.policy", "", N_("Policy"), N_("the numbers and times of the guides, and who changed them"), shown=False),
    Action("app.calendar", "", N_("Calendar"), N_("days off and make-up days, a year at a time"), shown=False),
    Action("app.new", "ctrl+n", N_("New"), N_("a new record")),
    Action("app.back", "escape", N_("Back"), N_("close what is open, or clear the filter"), shown=False, palette=False),
    # lists
    Action("list.open", "enter", N_("Open"), N_("open the record")),
    Action("list.choose", "space", N_("Select"), N_("select several")),
    Action("list.up", "up", N_("Up"), N_("the row above"), shown=False, palette=False),
    Action("list.down", "down", N_("Down"), N_("the row below"), shown=False, palette=False),
    Action("list.left", "left", N_("Left"), N_("the column before"), shown=False, palette=False),
    Action("list.right", "right", N_("Right"), N_("the next column"), shown=False, palette=False),
    Action("list.page_up", "pageup", N_("Page up"), N_("a screen up"), shown=False, palette=False),
    Action("list.page_down", "pagedown", N_("Page down"), N_("a screen down"), shown=False, palette=False),
    Action("list.first", "home,ctrl+home", N_("First"), N_("the first row"), shown=False, palette=False),
    Action("list.last", "end,ctrl+end", N_("Last"), N_("the last row"), shown=False, palette=False),
    Action("list.delete", "delete,f14", N_("Delete"), N_("put it into the trash"), shown=False),
    # today
    Action("today.explain", "ctrl+o", N_("How computed"), N_("why this waits, by which row of the guides, and until when")),
    Action("today.pane", "tab", N_("Other list"), N_("between what waits for me and what falls due")),
    Action("today.record", "ctrl+g", N_("Record"), N_("open the record that the line is about"), shown=False),
    # board
    Action("board.move_back", "less_than_sign,《,〈", N_("Move"), N_("to the state before"), display="< >"),
    Action("board.move_on", "greater_than_sign,》,〉", N_("Move on"), N_("to the next state"), shown=False),
    Action("board.lanes", "ctrl+g", N_("Lanes"), N_("lanes by department or by project")),
    Action("board.delay", "ctrl+l", N_("Declare a delay"), N_("why the task is late and what it needs, with a new date"), shown=False),
    Action("board.explain", "ctrl+o", N_("How computed"), N_("how the time left was computed"), shown=False),
    Action("board.stuck", "exclamation_mark,！", N_("Blocked"), N_("raise a blocker from this task"), shown=False),
    Action("board.shift_left", "left_square_bracket,【,「", N_("Columns left"), N_("show the states before"), display="[ ]", shown=False),
    Action("board.shift_right", "right_square_bracket,】,」", N_("Columns right"), N_("show the states after"), shown=False),
    # blockers
    Action("blockers.answer", "ctrl+r", N_("Answer"), N_("send what was written")),
    Action("blockers.next", "ctrl+g", N_("Next step"), N_("the paper of the next step: seat, topic meeting, verification, feedback, sheet, lesson")),
    Action("blockers.task", "ctrl+t", N_("Make a task"), N_("a task that solves this blocker")),
    Action("blockers.explain", "ctrl+o", N_("How computed"), N_("how the time left was computed, and when it climbs")),
    Action("blockers.move_on", "greater_than_sign,》,〉", N_("State"), N_("on to solved, verified, closed"), display="< >"),
    Action("blockers.move_back", "less_than_sign,《,〈", N_("State back"), N_("to the state before"), shown=False),
    Action("blockers.levels", "plus,＋", N_("Who is asked"), N_("who is asked for the answer now, and when the next level is")),
    # deadlines
    Action("deadlines.explain", "ctrl+o", N_("How computed"), N_("how the time left was computed")),
    Action("deadlines.delay", "ctrl+l", N_("Declare a delay"), N_("why the task is late and what it needs, with a new date")),
    Action("deadlines.group", "ctrl+g", N_("Group"), N_("groups by time or by department")),
    Action("deadlines.week_before", "left_square_bracket,【,「", N_("Week"), N_("a week back"), display="[ ]"),
    Action("deadlines.week_after", "right_square_bracket,】,」", N_("Week after"), N_("a week on"), shown=False),
    # all records, the trash
    Action("records.kind", "ctrl+g", N_("Kind"), N_("records of another kind")),
    Action("records.kind_before", "left_square_bracket,【,「", N_("Kinds beside"), N_("the kind before"), display="[ ]"),
    Action("records.kind_after", "right_square_bracket,】,」", N_("Kind after"), N_("the next kind"), shown=False),
    Action("trash.restore", "ctrl+r", N_("Restore"), N_("take it out of the trash again")),
    # the filter line
    Action("filter.done", "enter", N_("Use it"), N_("keep this filter, or take what is under the cursor"), palette=False),
    Action("filter.take", "tab", N_("Take"), N_("put in what the list offers"), palette=False),
    Action("filter.down", "down", N_("Down"), N_("what the list offers next"), shown=False, palette=False),
    Action("filter.up", "up", N_("Up"), N_("what the list offers before"), shown=False, palette=False),
    Action("filter.keep", "f4", N_("Keep by a name"), N_("give this filter a name, to be offered again"), palette=False),
    Action("filter.forget", "ctrl+r", N_("Forget"), N_("forget the named filter under the cursor"), palette=False),
    # conflicts
    Action("conflicts.head", "left,less_than_sign,《,〈", N_("Head / other"), N_("take the head's value"), display="‹ ›"),
    Action("conflicts.other", "right,greater_than_sign,》,〉", N_("Take the other"), N_("take the other's value"), shown=False),
    Action("conflicts.settle", "ctrl+r", N_("Settle"), N_("settle the conflict as chosen")),
    Action("conflicts.keep_head", "left_square_bracket,【,「", N_("Whole"), N_("take the head whole"), display="[ ]"),
    Action("conflicts.keep_other", "right_square_bracket,】,」", N_("Other whole"), N_("take the other whole"), shown=False),
    Action("conflicts.both", "plus,＋", N_("Both"), N_("each field from the side that changed it")),
    Action("conflicts.write", "enter", N_("Write"), N_("write the value by hand")),
    Action("conflicts.next", "pagedown", N_("Next conflict"), N_("the conflict after")),
    Action("conflicts.before", "pageup", N_("Conflict before"), N_("the conflict before"), shown=False),
    Action("conflicts.all", "ctrl+g", N_("All at once"), N_("settle every conflict in which nothing overlaps")),
    Action("conflicts.unfold", "space", N_("All fields"), N_("show the fields that are the same in all three")),
    Action("conflicts.record", "ctrl+o", N_("Open record"), N_("open the record"), shown=False),
    # a record's page
    Action("record.next", "tab", N_("Next field"), N_("the field after; after the last one what stands beside")),
    Action("record.previous", "shift+tab", N_("Field before"), N_("the field before"), shown=False),
    Action("record.save", "f4", N_("Save"), N_("save what was changed, as one act")),
    Action("record.leave", "escape", N_("Leave"), N_("close the page; it asks where something is not saved"), palette=False),
    Action("record.progress", "ctrl+t", N_("Write progress"), N_("one line a day: done, next, how it goes")),
    Action("record.explain", "ctrl+o", N_("How computed"), N_("how the time left was computed")),
    Action("record.history", "f3", N_("History"), N_("who changed what and when; an older version can be taken back")),
    Action("record.beside", "ctrl+g", N_("Write a comment"), N_("to the line for a comment beside the form, and back")),
    Action("record.stuck", "alt+3,exclamation_mark,！", N_("Blocked"), N_("raise a blocker from this record; ! where no text is edited"), shown=False),
    Action("record.theirs", "ctrl+r", N_("Take theirs"), N_("take what somebody else wrote into this field meanwhile"), shown=False),
    Action("record.drop", "ctrl+l", N_("Drop draft"), N_("throw away what was typed and not saved"), shown=False),
    Action("record.editor", "f11", N_("$EDITOR"), N_("write a long text in your own editor"), shown=False),
    Action("record.conflict", "alt+9", N_("Conflict"), N_("settle the conflict of this record"), shown=False),
    Action("record.link", "alt+0,plus,＋", N_("Dependency"), N_("pick what this waits for; + where no text is edited"), shown=False),
    # the policy, the calendar
    Action("policy.explain", "ctrl+o", N_("How computed"), N_("what a rule rests on, and what it would come to now")),
    Action("policy.calendar", "ctrl+t", N_("Calendar"), N_("days off and make-up days, a year at a time")),
    Action("calendar.turn", "enter", N_("Turn the day"), N_("ordinary, official day off, make-up day")),
    Action("calendar.publish", "ctrl+r", N_("Published"), N_("these are the official days, or a guess again")),
    Action("calendar.year_before", "left_square_bracket,【,「", N_("Year"), N_("the year before"), display="[ ]"),
    Action("calendar.year_after", "right_square_bracket,】,」", N_("Year after"), N_("the next year"), shown=False),
    Action("calendar.record", "ctrl+g", N_("As a form"), N_("region and notice of the year, or many days at once")),
    Action("calendar.policy", "ctrl+t", N_("Policy"), N_("the zone, the working hours and every other rule")),
    # a task's page
    Action("task.delay", "ctrl+l", N_("Declare a delay"), N_("why the task is late and what it needs, with a new date"), shown=False),
    # the history of a record
    Action("history.restore", "ctrl+r", N_("Take back"), N_("make what this version said a new edit")),
)  # fmt: skip

ACTIONS: dict[str, Action] = {action.id: action for action in _ALL}
#: The tabs' keys by their ids.
DIGITS = {f"tab.{digit}": digit for digit in "123456789"}


def bindings(*ids: str) -> list[BindingType]:
    """Textual's bindings of some actions; an id ending in `.*` stands for all of its group."""
    chosen = [
        action for id in ids for action in (_group(id[:-1]) if id.endswith(".*") else [ACTIONS[id]])
    ]
    return [
        Binding(
            action.keys,
            action.method,
            action.words,
            id=action.id,
            show=action.shown,
            priority=action.priority,
        )
        for action in chosen
        if action.keys
    ]


def _group(prefix: str) -> list[Action]:
    return [action for action in ACTIONS.values() if action.id.startswith(prefix)]


_KEY_WORDS = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "slash": "/",
    "question_mark": "?",
    "plus": "+",
    "delete": "Del",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "equals_sign": "=",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


def key_words(key: str) -> str:
    """A key as people write it: `^N`, `F4`, `Enter`."""
    if key.startswith("ctrl+"):
        return f"^{key_words(key[5:])}".upper() if len(key) == 6 else f"^{key_words(key[5:])}"
    if key in _KEY_WORDS:
        return _KEY_WORDS[key]
    if key.startswith("f") and key[1:].isdigit():
        return key.upper()
    character = key_to_character(key)
    if character and character.isprintable() and not character.isspace():
        return character
    return "+".join(part.capitalize() for part in key.split("+")) if len(key) > 1 else key


def display(id: str, *keys: str) -> str:
    """How the keys of an action are shown: its own way while its first key is bound, else that key."""
    action = ACTIONS[id]
    usual = action.keys.split(",")
    if usual[0] in keys:
        return action.display or key_words(usual[0])
    return key_words(keys[0])
