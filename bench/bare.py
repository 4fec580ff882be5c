"""The least that Textual can show: what the first paint of the app is held against."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """One word."""

    def compose(self) -> ComposeResult:
        yield Static("stands")


if __name__ == "__main__":
    Bare().run()
