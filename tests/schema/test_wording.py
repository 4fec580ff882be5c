"""The catalogue is complete, and the language is the reader's."""

import ast
import string
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from schema import wording
from schema.errors import UsageError
from schema.wording import N_, _, choose, current, n_, use
from tests.locales import FOLDER, catalogue, compiled

ROOT = Path(__file__).parents[2]
ROOMS = ("schema", "syncd", "tui")
CATALOGUE = FOLDER / "zh.po"

Key = str | tuple[str, str]


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    before = current()
    use("en")
    yield
    use(before)


@cache
def sources() -> dict[Key, str]:
    """Every source string (a pair where it has a plural) and one place where it stands."""
    found: dict[Key, str] = {}
    for room in ROOMS:
        for file, line, message, _comments, _context in extract_from_dir(
            str(ROOT / room),
            method_map=[("**.py", "python")],
            keywords={"_": None, "N_": None, "n_": (1, 2)},
            strip_comment_tags=True,
        ):
            key = (message[0], message[1]) if isinstance(message, tuple) else message
            found.setdefault(key, f"{room}/{file}:{line}")
    return found


@cache
def chinese() -> Catalog:
    return catalogue(CATALOGUE)


def entries(catalogue: Catalog) -> dict[Key, str | tuple[str, ...]]:
    return {
        (message.id[0], message.id[1]) if isinstance(message.id, (tuple, list)) else message.id: (
            tuple(message.string)
            if isinstance(message.string, (tuple, list))
            else message.string or ""
        )
        for message in catalogue
        if message.id
    }


def placeholders(text: str) -> set[str]:
    return {
        name
        for _literal, name, _spec, _conversion in string.Formatter().parse(text)
        if name is not None
    }


def test_every_source_string_is_in_the_chinese_catalogue() -> None:
    known = entries(chinese())
    assert {key: place for key, place in sources().items() if key not in known} == {}


def test_no_entry_of_the_catalogue_is_unused() -> None:
    assert set(entries(chinese())) - set(sources()) == set()
    assert dict(chinese().obsolete) == {}


def test_no_chinese_string_is_empty_or_fuzzy() -> None:
    empty = [
        key
        for key, text in entries(chinese()).items()
        if not all(form.strip() for form in (text if isinstance(text, tuple) else (text,)))
    ]
    assert empty == []
    assert [message.id for message in chinese() if message.id and message.fuzzy] == []


def test_what_is_to_be_filled_in_after_join_is_named_alike_in_chinese() -> None:
    told = [str(message.string) for message in chinese() if "join URL CODE" in str(message.id)]
    assert len(told) > 1
    assert all("join 地址 邀请码" in each for each in told)


def test_both_languages_have_the_same_placeholders() -> None:
    differing = [
        key
        for key, text in entries(chinese()).items()
        if placeholders(text[0] if isinstance(text, tuple) else text)
        != placeholders(key[1] if isinstance(key, tuple) else key)
    ]
    assert differing == []


def test_the_compiled_catalogue_equals_its_source() -> None:
    assert wording._read("zh") == compiled(chinese()), "run make locales"
    assert chinese().num_plurals == 1


def test_no_string_is_put_together_before_it_is_translated() -> None:
    hidden = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("_", "n_", "N_")
        and any(isinstance(argument, (ast.JoinedStr, ast.BinOp)) for argument in call.args[:2])
    ]
    assert hidden == []


def test_english_is_spoken_until_chinese_is_chosen() -> None:
    assert (current(), _("This filter is too long.")) == ("en", "This filter is too long.")
    use("zh")
    assert (current(), _("This filter is too long.")) == ("zh", "筛选条件太长。")
    use("en")
    assert (current(), _("This filter is too long.")) == ("en", "This filter is too long.")


@pytest.mark.parametrize("lang", wording.LANGUAGES)
def test_values_fill_the_placeholders_and_are_never_read_as_placeholders(lang: str) -> None:
    use(lang)
    assert "{field} 100%" in _("No field is called {name}.", name="{field} 100%")


def test_a_string_without_values_is_not_formatted() -> None:
    assert _("{as} it is") == "{as} it is"


def test_an_empty_string_stays_empty_in_chinese() -> None:
    use("zh")
    assert _("") == ""


def test_a_string_that_the_catalogue_lacks_is_shown_in_english() -> None:
    use("zh")
    missing = "Not in the catalogue {n}"
    assert _(missing, n=1) == "Not in the catalogue 1"
    assert n_(missing, missing, 2) == "Not in the catalogue 2"


@pytest.mark.parametrize(("n", "shown"), [(0, "0 days"), (1, "1 day"), (2, "2 days")])
def test_a_number_chooses_the_english_form(n: int, shown: str) -> None:
    one, many = "{n} day", "{n} days"
    assert n_(one, many, n) == shown


def test_a_number_has_one_form_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    one, many = "{n} day of {who}", "{n} days of {who}"
    monkeypatch.setattr(wording, "_catalogue", {one: "{n} 天，{who}"})
    assert n_(one, many, 1, who="张三") == "1 天，张三"


def test_marking_a_string_leaves_it_as_it_is() -> None:
    label = "Owner"
    assert N_(label) == "Owner"


@pytest.mark.parametrize(
    ("lang", "environ", "chosen"),
    [
        (None, {}, "en"),
        ("zh", {"DUIJIE_LANG": "en", "LANG": "en_GB.UTF-8"}, "zh"),
        ("en", {"DUIJIE_LANG": "zh", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"DUIJIE_LANG": "zh", "LANG": "en_GB.UTF-8"}, "zh"),
        (None, {"DUIJIE_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"DUIJIE_LANG": "fr", "LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"DUIJIE_LANG": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LC_ALL": "zh_TW.UTF-8", "LANG": "C"}, "zh"),
        (None, {"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "C"}, "zh"),
        (None, {"LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_option_wins_over_the_variable_and_the_variable_over_the_locale(
    lang: str | None, environ: dict[str, str], chosen: str
) -> None:
    assert choose(lang, environ) == chosen


@pytest.mark.parametrize("lang", ["fr", "", "ZH", "../zh", "\x1b[2J"])
def test_an_unknown_language_is_wrong_usage(lang: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose(lang, {})
    assert "\x1b" not in str(caught.value)
    with pytest.raises(UsageError):
        use(lang)


def test_english_loads_no_catalogue() -> None:
    program = "import sys; from schema.wording import use, _; use('en'); _('x'); print('msgspec' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
