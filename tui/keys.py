"""The page of all keys, `docs/keys.md`, from the table of actions; run it to print the page."""

from __future__ import annotations

from collections.abc import Iterator

from schema import wording
from tui.actions import ACTIONS, Action, key_words

TEXT = """# Keys

Every action with its keys, its words in both languages, and the id by which `config.toml` binds it to other keys:

```toml
lang = "zh"              # or "en"; --lang and DUIJIE_LANG of a start win
theme = "light"          # dark, light, dark-256, light-256, ascii

[keys]
"app.undo" = "alt+z"     # several: "alt+z,f13"; as Textual names them, or ^T, F3, ?
```

The file lies in the home (`duijie home` says where). What it names twice, or what cannot be, is said when the app starts, and
the usual keys hold. `1` to `9` go to the tabs (`tab.1` to `tab.9`). This page is made by `python -m tui.keys`.
"""

GROUPS = {
    "app": "Everywhere 到处都行",
    "list": "In lists 列表里",
}


def page() -> str:
    """The page as it stands in the file."""
    lines = [TEXT]
    group = ""
    for action in ACTIONS.values():
        begins = action.id.partition(".")[0]
        if begins != group:
            group = begins
            lines += [
                f"\n## {GROUPS.get(group, group.capitalize())}\n",
                "| Keys | Id | Words | What it does |",
                "|---|---|---|---|",
            ]
        lines.append(
            f"| {' '.join(_keys(action))} | `{action.id}` | {_both(action.words)} | {_both(action.help)} |"
        )
    return "\n".join(lines) + "\n"


def _keys(action: Action) -> Iterator[str]:
    """The keys as people write them; none where an action is only in the palette."""
    for key in filter(None, action.keys.split(",")):
        words = key_words(key)
        yield f"`{words}`" if words != "|" else "`\\|`"


def _both(source: str) -> str:
    return f"{source} {wording.chinese(source)}".replace("|", "\\|")


if __name__ == "__main__":
    print(page(), end="")
