"""Reading the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.config import SettingsError, read_settings

SECRETS = {"BANLI_SECRET_KEY": "s" * 40, "BANLI_AUDIT_KEY": "a" * 40}


def test_without_a_secret_nothing_starts_outside_the_demo(tmp_path: Path) -> None:
    for missing in SECRETS:
        environment = {name: value for name, value in SECRETS.items() if name != missing}
        with pytest.raises(SettingsError, match=missing):
            read_settings(environment, root=tmp_path)


def test_the_demo_makes_its_secrets_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    first, second = (read_settings({"BANLI_DEMO": "1"}, root=tmp_path) for _ in range(2))
    assert first == second
    assert first.secret_key != first.audit_key
    for path in (tmp_path / "var").glob("*_key.txt"):
        assert path.stat().st_mode & 0o077 == 0


def test_secure_cookies_are_on_unless_it_is_the_demo_or_said_otherwise(tmp_path: Path) -> None:
    assert read_settings(SECRETS, root=tmp_path).secure_cookies
    assert not read_settings({"BANLI_DEMO": "1"}, root=tmp_path).secure_cookies
    assert not read_settings({**SECRETS, "BANLI_SECURE_COOKIES": "0"}, root=tmp_path).secure_cookies


@pytest.mark.parametrize(
    "changes",
    [
        {"BANLI_PROFILE": "nowhere"},
        {"BANLI_PORT": "eighty"},
        {"BANLI_DEMO": "perhaps"},
        {"BANLI_SECRET_KEY": "short"},
        {"BANLI_LOGIN_LIMIT": "sixty"},
        {"BANLI_LOGIN_LIMIT": "10/minute;60/hour"},
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(changes))):
        read_settings({**SECRETS, **changes}, root=tmp_path)


def test_files_and_database_lie_under_the_working_folder_unless_said_otherwise(tmp_path: Path) -> None:
    settings = read_settings(SECRETS, root=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'banli.sqlite'}"
    assert settings.files == tmp_path / "var" / "files"
