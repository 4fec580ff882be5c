"""What is left on the terminal when the demonstration's app is quit."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from schema import wording
from tui.cli import demo


def test_leaving_the_demonstration_says_last_that_all_is_deleted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wording.use("zh")
    closed: list[bool] = []
    stage = SimpleNamespace(close=lambda *, keep: closed.append(keep))
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        monkeypatch.setattr(demo, "Stage", lambda *_args, **_named: stage)
        monkeypatch.setattr(demo, "_on_terminal", lambda: True)
        monkeypatch.setattr(demo, "_set", lambda *_args: print("/tmp/duijie-demo-x"))
        monkeypatch.setattr(demo, "_show", lambda *_args, **_named: 0)
        monkeypatch.setattr("tui.terminal.quiet", lambda _fd: nullcontext())
        monkeypatch.setattr("signal.signal", lambda *_args: None)
        assert demo.main([]) == 0
    assert closed == [False]
    assert "已全部删除" in capsys.readouterr().out.splitlines()[-1]
