"""`duijie paper`: a document compiled from records, on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from schema.papers import DOCUMENTS, document
from schema.wording import _
from syncd.store.compiling import material
from syncd.store.reading import find_record
from tui.cli.shell import Shell


def paper(shell: Shell, words: Sequence[str]) -> int:
    """`paper ID [NAME] [--json]`: a document as Markdown, compiled from a record and what is around it."""
    parser = shell.parser("paper", _("Compile a document from records, as Markdown."))
    parser.add_argument("id", metavar="ID")
    parser.add_argument(
        "name",
        nargs="?",
        default="",
        metavar="NAME",
        help=_(", ").join(each.words for each in DOCUMENTS.values()),
    )
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    said = parser.parse_args(words)
    with shell.replica(readonly=True) as replica:
        found = find_record(replica.conn, said.id)
        of = document(found.kind, said.name)
        compiled = material(
            replica, found.kind, found.id, of.reads[found.kind], now=replica.clock.now()
        )
    text = of.markdown(compiled)
    if said.json:
        told = {"name": of.name, "title": _(of.title), "markdown": text}
        shell.print_json(json.dumps(told, ensure_ascii=False))
    else:
        sys.stdout.write(text)
    return 0
