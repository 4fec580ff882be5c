"""`python -m tests.locales`: compiles each catalogue, `schema/locales/*.po`, to the JSON that `schema.wording` reads."""

from __future__ import annotations

from pathlib import Path

import msgspec
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "schema" / "locales"


def catalogue(path: Path) -> Catalog:
    """The entries of a `.po`."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def compiled(of: Catalog) -> dict[str, str]:
    """The string for each source string; a plural's, of which there is one form, for its singular."""
    return {_first(message.id): _first(message.string) for message in of if message.id}


def _first(text: str | list[str] | tuple[str, ...] | None) -> str:
    return text if isinstance(text, str) else (text or ("",))[0]


if __name__ == "__main__":
    for each in FOLDER.glob("*.po"):
        words = msgspec.json.encode(compiled(catalogue(each)), order="sorted")
        each.with_suffix(".json").write_bytes(msgspec.json.format(words, indent=1) + b"\n")
