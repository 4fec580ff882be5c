"""`python -m tests.locales`: compiles each catalogue, `schema/locales/*.po`, to what `schema.wording` reads."""

from __future__ import annotations

from pathlib import Path

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


def written(words: dict[str, str]) -> str:
    """The file of a catalogue, as `schema.wording` says."""
    return "".join(f"{source}\x1f\n{text}\x1f\n" for source, text in sorted(words.items()))


if __name__ == "__main__":
    for each in FOLDER.glob("*.po"):
        words = written(compiled(catalogue(each)))
        each.with_suffix(".words").write_text(words, "utf-8", newline="")
