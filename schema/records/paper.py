"""What every kind of paper has."""

from typing import Annotated

from msgspec import Struct

from schema.records import fields as f
from schema.wording import N_


class Row(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A small row inside a record."""


class Link(Row, frozen=True, kw_only=True):
    """A URL or a path that is shown and never fetched."""

    label: Annotated[str, f.line(N_("Link name"))] = ""
    target: Annotated[str, f.line(N_("Address"), 200)] = ""


class Paper(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of every kind; absent and empty mean the same."""

    title: Annotated[str, f.line(N_("Title"))] = ""
    project: Annotated[
        str, f.ref(N_("Project"), "project", help=N_("Empty: the whole workspace"))
    ] = ""
    note: Annotated[str, f.text(N_("Note"))] = ""
    links: Annotated[
        tuple[Link, ...], f.rows(N_("Links"), N_("Addresses and paths, never fetched"))
    ] = ()
    tags: Annotated[tuple[str, ...], f.lines(N_("Tags"))] = ()
