"""How a replica stands to its hub, in one word and its facts: the first state that holds is said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from schema import wording
from schema.rules.truth import TONES, WORDS, Standing, Truth, at_second, truth

NOW = int(datetime(2026, 11, 20, 6, 32, tzinfo=UTC).timestamp()) * 1_000_000
MINUTE = 60_000_000
HOUR = 60 * MINUTE

STEP = Standing(
    joined=True, link="up", seq=4812, records=18, offset=-2_000_000, last_sync=NOW - 160 * MINUTE
)
EVERYTHING: dict[str, Any] = {
    "revoked": True,
    "mending": True,
    "readonly": True,
    "older": True,
    "link": "down",
    "refused": 1,
    "conflicts": 2,
    "offset": 150_000_000,
    "another": True,
}


def told(standing: Standing, lang: str = "en") -> Truth:
    wording.use(lang)
    return truth(standing, now=NOW, zone="Asia/Shanghai")


def line(standing: Standing, lang: str = "en") -> str:
    said = told(standing, lang)
    return "   ".join([said.word, *said.facts])


def but(**changes: Any) -> Standing:
    return msgspec.structs.replace(STEP, **changes)


def test_the_first_state_that_holds_is_said() -> None:
    order = list(WORDS)
    causes = {**EVERYTHING}
    causes.pop("another")
    seen = [told(but(**causes)).state]
    for name in (
        "revoked",
        "mending",
        "readonly",
        "older",
        "link",
        "refused",
        "conflicts",
        "offset",
    ):
        causes.pop(name)
        seen.append(told(but(**causes)).state)
    assert seen == [
        "revoked", "mending", "readonly", "older", "offline", "refused", "settle", "clock", "step",
    ]  # fmt: skip
    assert [state for state in order if state in seen] == seen
    assert told(but(another=True)).state == "another"
    assert told(Standing(joined=False)).state == "alone"


def test_every_state_has_its_own_words_and_shade() -> None:
    assert set(WORDS) == set(TONES)
    for lang in ("en", "zh"):
        wording.use(lang)
        assert len({wording._(word) for word in WORDS.values()}) == len(WORDS)


@pytest.mark.parametrize(
    ("standing", "en", "zh"),
    [
        (
            STEP,
            "In step   with the hub   seq 4812   0 unsent   clock +2 s",
            "一致   与中枢一致   第 4812 号   0 待发   时钟 +2 秒",
        ),
        (
            but(link="idle"),
            "In step   last sync 11:52   seq 4812   0 unsent   clock +2 s",
            "一致   上次同步 11:52   第 4812 号   0 待发   时钟 +2 秒",
        ),
        (
            but(link="down", unsent=12, oldest=NOW - 2 * HOUR),
            "Offline   12 unsent   oldest 2 h ago   last sync 11:52   clock +2 s",
            "离线   12 项待发   最早 2 小时前   上次同步 11:52   时钟 +2 秒",
        ),
        (
            but(link="idle", unsent=2, oldest=NOW - 2 * HOUR),
            "Unsent   2 unsent   oldest 2 h ago   last sync 11:52   clock +2 s",
            "待发   2 项待发   最早 2 小时前   上次同步 11:52   时钟 +2 秒",
        ),
        (
            but(conflicts=2),
            "To settle   2 conflicts   seq 4812   0 unsent",
            "待裁   2 条冲突等裁定   第 4812 号   0 待发",
        ),
        (
            but(conflicts=2, refused=1, reason="no right to write this"),
            "Refused   1 refused: no right to write this   2 conflicts   seq 4812   0 unsent",
            "被拒   1 项被拒收：no right to write this   2 条冲突等裁定   第 4812 号   0 待发",
        ),
        (
            Standing(joined=False, unsent=3, oldest=NOW),
            "Alone   not joined to a hub   0 records   duijie join URL CODE",
            "单机   尚未加入中枢   0 项   duijie join 地址 邀请码",
        ),
        (
            but(offset=150_000_000),
            "Clock off   clock 2 min behind   set this machine's clock   seq 4812   0 unsent",
            "时钟不准   时钟慢 2 分钟   请校准本机时钟   第 4812 号   0 待发",
        ),
        (
            but(readonly=True, unsent=1, oldest=NOW - 3 * MINUTE),
            "Hub read-only   the hub takes no edits now   1 unsent   oldest 3 min ago   last sync 11:52",
            "中枢只读   中枢暂不收改动   1 项待发   最早 3 分钟前   上次同步 11:52",
        ),
        (
            but(revoked=True, unsent=1),
            "Shut out   this device may no longer sync   1 unsent   last sync 11:52",
            "停用   这台设备不能再同步   1 项待发   上次同步 11:52",
        ),
        (
            but(another=True),
            "Synced elsewhere   another program syncs this home   seq 4812   0 unsent   last sync 11:52   clock +2 s",
            "另一处在同步   另一个程序在同步   第 4812 号   0 待发   上次同步 11:52   时钟 +2 秒",
        ),
        (
            but(mending=True),
            "Mending   comparing with the hub   0 unsent   last sync 11:52",
            "修复中   正在与中枢核对   0 待发   上次同步 11:52",
        ),
        (
            but(older=True, unsent=2, oldest=NOW),
            "Hub older   edits wait for a newer hub   2 unsent   last sync 11:52   clock +2 s",
            "中枢较旧   有改动等中枢更新   2 项待发   上次同步 11:52   时钟 +2 秒",
        ),
    ],
)
def test_the_line_in_both_languages(standing: Standing, en: str, zh: str) -> None:
    assert line(standing, "en") == en
    assert line(standing, "zh") == zh


def test_unsent_work_is_offline_only_where_the_hub_was_not_reached() -> None:
    assert told(but(link="idle", unsent=1, oldest=NOW)).state == "unsent"
    assert told(but(link="down", unsent=1, oldest=NOW)).state == "offline"
    assert told(but(link="down")).state == "offline"
    assert told(but(link="down", another=True)).state == "offline"
    assert told(but(link="up", unsent=1, oldest=NOW)).state == "step"
    assert told(but(link="idle", unsent=1, oldest=NOW, another=True)).state == "another"


def test_a_clock_off_by_less_than_two_seconds_is_not_said() -> None:
    assert "clock" not in line(but(offset=1_900_000))
    assert "clock -2 s" in line(but(offset=2_100_000))


def test_two_minutes_are_still_a_good_clock() -> None:
    assert told(but(offset=120_000_000)).state == "step"
    assert told(but(offset=-120_000_001)).state == "clock"


def test_a_fact_is_said_once_and_never_empty() -> None:
    for changes in (EVERYTHING, {"refused": 3}, {"older": True, "refused": 1, "conflicts": 1}):
        facts = told(but(**changes)).facts
        assert all(facts)
        assert len(set(facts)) == len(facts)


def test_a_stamp_is_as_fine_as_tells_it_from_the_other() -> None:
    zone = "Asia/Shanghai"
    assert at_second(NOW, NOW - HOUR, zone) == "11-20 14:32:00"
    assert at_second(NOW + 5, NOW, zone) == "11-20 14:32:00.000005"
    assert at_second(NOW, NOW - 400 * 24 * HOUR, zone) == "2026-11-20 14:32:00"
