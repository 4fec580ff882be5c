from __future__ import annotations

import pytest

from tests.conftest import Duijie
from tests.wiring import Wired


@pytest.mark.row("S000-07")
def test_the_decision_layer_is_named_before_the_hub_refuses(wired: Wired, duijie: Duijie) -> None:
    wired.join("总", role="coordinator")
    for name in ("甲", "乙", "丙"):
        wired.join(name)
    boss, first, other, deputy = (wired.home(name) for name in ("总", "甲", "乙", "丙"))
    project = duijie.ok("add", "project", "title=新品上市", home=boss).id
    duijie.ok("add", "seat", f"of={project}", "person=甲", "layer=decision", home=boss)
    wired.sync()
    ruling = ("add", "duty", f"of={project}", "part=first", "scope=投诉受理")
    assert "decision layer" in duijie.ok(*ruling, home=other).err
    duty = duijie.ok(*ruling, home=first)
    assert duty.err == ""
    wired.sync()
    assert "decision layer" in duijie.ok("set", duty.id, "part=leads", home=deputy).err
    wired.sync()
    assert "decision layer" in duijie.ok("refused", home=other).out
    duijie.ok("refused", "--discard", home=deputy)
    duijie.ok("add", "person", "name=甲", 'away={"from":"2000-01-01","deputy":"丙"}', home=first)
    wired.sync()
    assert "refuse" not in duijie.ok("set", duty.id, "scope=投诉处理", home=deputy).err
    assert "decision layer" in duijie.ok("rm", duty.id, home=other).err
    wired.sync()
    assert duijie.ok("show", duty.id, "--json", home=boss).json["body"]["scope"] == "投诉处理"


def test_nobody_signs_for_another(wired: Wired, duijie: Duijie) -> None:
    wired.join("总", role="coordinator")
    wired.join("甲")
    boss, liaison = wired.home("总"), wired.home("甲")
    task = duijie.ok("add", "task", "title=样册", home=liaison).id
    signed = ("add", "signoff", f"of={task}", "meaning=receipt", "department=研发部")
    one = duijie.ok(*signed, home=liaison).id
    assert duijie.ok(*signed, home=boss).id != one
    wired.sync()
    assert "not write" in duijie.ok("rm", one, home=boss).err
    assert duijie("set", one, "note=x", home=liaison).code == 1
    assert "refuse" not in duijie.ok("rm", one, home=liaison).err
    wired.sync()
    assert duijie.ok("list", "signoff", "--json", home=boss).json[0]["author"] == "总"


def test_moving_what_a_decision_belongs_to_is_named_before_the_hub_refuses(
    wired: Wired, duijie: Duijie
) -> None:
    wired.join("总", role="coordinator")
    wired.join("甲")
    boss, liaison = wired.home("总"), wired.home("甲")
    one = duijie.ok("add", "project", "title=新品上市", home=boss).id
    other = duijie.ok("add", "project", "title=展会", home=boss).id
    request = duijie.ok("add", "request", "title=做样册", f"project={one}", home=boss).id
    duijie.ok("add", "duty", f"of={request}", "part=first", "scope=样册", home=boss)
    wired.sync()
    assert "decision layer" in duijie.ok("set", request, f"project={other}", home=liaison).err
    wired.sync()
    assert "decision layer" in duijie.ok("refused", home=liaison).out
