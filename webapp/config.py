"""The settings of one installation, read once from the environment and never again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limits import parse_many

PROFILES = ("binhai", "zengdu")
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})
MINIMUM_SECRET_LENGTH = 32


class SettingsError(Exception):
    """The environment does not describe an installation that may start; the text says what to set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation decides for itself. Numbers that come from law are never here."""

    database_url: str
    secret_key: str
    audit_key: str
    var: Path
    files: Path
    profile: str = "binhai"
    demo: bool = False
    demo_letters: int = 0
    """How many letters the demo's district gets in its first two months."""
    host: str = "127.0.0.1"
    port: int = 8000
    secure_cookies: bool = True
    proxies: int = 0
    """How many reverse proxies stand in front and may be believed about the visitor's address and scheme."""
    upload_limit_bytes: int = 50 * 1024 * 1024
    login_limit: str = "60/minute"
    """Sign-in attempts from one address; empty for no limit. An office behind one address signs in at nine o'clock."""


def read_settings(environment: Mapping[str, str], *, root: Path | None = None) -> Settings:
    """Settings from `BANLI_*` variables; relative paths are under `root` (default: the working directory).

    Raises SettingsError with a sentence for the administrator.
    """
    root = root or Path.cwd()
    var = root / environment.get("BANLI_VAR", "var")
    demo = _flag(environment, "BANLI_DEMO", default=False)
    profile = environment.get("BANLI_PROFILE", "binhai")
    if profile not in PROFILES:
        raise SettingsError(f"BANLI_PROFILE={profile} 不存在，可选：{'、'.join(PROFILES)}。")
    return Settings(
        database_url=environment.get("BANLI_DATABASE_URL") or f"sqlite:///{var / 'banli.sqlite'}",
        secret_key=_secret(environment, "BANLI_SECRET_KEY", var, demo=demo),
        audit_key=_secret(environment, "BANLI_AUDIT_KEY", var, demo=demo),
        var=var,
        files=root / environment.get("BANLI_FILES", str(var / "files")),
        profile=profile,
        demo=demo,
        demo_letters=_number(environment, "BANLI_DEMO_LETTERS", 300) if demo else 0,
        host=environment.get("BANLI_HOST", "127.0.0.1"),
        port=_number(environment, "BANLI_PORT", 8000),
        secure_cookies=_flag(environment, "BANLI_SECURE_COOKIES", default=not demo),
        proxies=_number(environment, "BANLI_PROXIES", 0),
        upload_limit_bytes=_number(environment, "BANLI_UPLOAD_LIMIT_MB", 50) * 1024 * 1024,
        login_limit=_rate(environment, "BANLI_LOGIN_LIMIT", "60/minute"),
    )


def _rate(environment: Mapping[str, str], name: str, default: str) -> str:
    word = environment.get(name, default)
    try:
        understood = not word or len(parse_many(word)) == 1
    except ValueError:
        understood = False
    if not understood:
        raise SettingsError(f"{name}={word} 看不懂，请写成 60/minute（每分钟 60 次），不限次数就留空。")
    return word


def _flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    word = environment.get(name)
    if word is None:
        return default
    if word.lower() in TRUE_WORDS:
        return True
    if word.lower() in FALSE_WORDS:
        return False
    raise SettingsError(f"{name}={word} 看不懂，请写 1 或 0。")


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    word = environment.get(name, "")
    if not word:
        return default
    if not (word.isascii() and word.isdigit()):
        raise SettingsError(f"{name}={word} 不是整数。")
    return int(word)


def _secret(environment: Mapping[str, str], name: str, var: Path, *, demo: bool) -> str:
    secret = environment.get(name, "")
    if len(secret) >= MINIMUM_SECRET_LENGTH:
        return secret
    if secret:
        raise SettingsError(f"{name} 太短，至少 {MINIMUM_SECRET_LENGTH} 个字符。")
    if not demo:
        raise SettingsError(
            f"没有设置 {name}，程序不启动。请用 python -c 'import secrets; print(secrets.token_urlsafe(48))' "
            f"生成一串密钥写入环境变量 {name}；只想试用，请设 BANLI_DEMO=1。"
        )
    return _demo_secret(var / f"{name.removeprefix('BANLI_').lower()}.txt")


def _demo_secret(path: Path) -> str:
    # Kept in a file: web and worker are two processes, and the seal over the history must outlive a restart.
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()
