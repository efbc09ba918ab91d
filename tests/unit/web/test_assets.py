"""The browser assets, without building them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import webapp
from webapp.assets import build
from webapp.static_files import icon, icon_names

ROOT = Path(webapp.__file__).parent
ASSETS = ROOT / "assets"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    named = re.compile(r"""(?:icon|empty_state)\(['"]([a-z0-9-]+)['"]""")
    used = {name for path in ROOT.glob("templates/**/*.html") for name in named.findall(path.read_text("utf-8"))}
    assert used
    assert used <= icon_names()


def test_an_icon_that_is_not_in_the_sprite_is_an_error_and_not_an_empty_square() -> None:
    with pytest.raises(ValueError, match=r"icons\.txt"):
        icon("no-such-icon")


def test_packages_are_pinned_to_one_version_and_the_lock_file_names_no_host() -> None:
    package = json.loads((ASSETS / "package.json").read_text("utf-8"))
    wanted = {**package["dependencies"], **package["devDependencies"]}
    lock = (ASSETS / "package-lock.json").read_text("utf-8")
    locked = json.loads(lock)["packages"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(entry.get("integrity") for path, entry in locked.items() if path)
    assert '"resolved"' not in lock


def test_nothing_is_built_when_nothing_has_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"
    monkeypatch.setattr(build, "STAMP", stamp)
    ran: list[str] = []
    monkeypatch.setattr(build, "_install", lambda *_: ran.append("install"))
    monkeypatch.setattr(build, "_run", lambda *_: ran.append("bundle"))
    assert build.build()
    assert not build.build()
    assert ran == ["install", "bundle"]
    stamp.write_text("an older state", encoding="ascii")
    assert build.build()
    assert ran == ["install", "bundle"] * 2


def test_a_failed_build_says_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(build.BuildFailed, match="打包失败"):
        build._run(["false"], "打包")
    assert "失败" in capsys.readouterr().out
