"""The words of a task's state, apart from its Struct: the board shows them before it needs that."""

from schema.wording import N_

TASK_STATES = {
    "todo": N_("not started"),
    "doing": N_("in progress"),
    "review": N_("to be accepted"),
    "done": N_("done"),
    "dropped": N_("dropped"),
}

# The stages of the work, which are the board's columns.
STAGES = ("todo", "doing", "review", "done")
