"""Keeping and checking passwords with argon2id."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 128
"""A longer password is refused before it is hashed: hashing a megabyte is a way to stop a server."""

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its parameters and salt inside."""
    return _hasher.hash(password)


def check_password(stored: str, password: str) -> bool:
    """Whether `password` is the one behind `stored`."""
    if len(password) > MAXIMUM_LENGTH:
        return False
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made with older parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def waste_time(password: str) -> None:
    """Do the work of one check, so that an unknown user name answers as slowly as a wrong password."""
    check_password(_decoy(), password)


@cache
def _decoy() -> str:
    return _hasher.hash("nobody has this password")


def password_problem(password: str, username: str) -> str | None:
    """Why `password` may not be chosen, as a Chinese sentence; None if it may."""
    if len(password) < MINIMUM_LENGTH:
        return f"密码至少 {MINIMUM_LENGTH} 个字符。"
    if len(password) > MAXIMUM_LENGTH:
        return f"密码最多 {MAXIMUM_LENGTH} 个字符。"
    if username.lower() in password.lower():
        return "密码不能包含用户名。"
    if len(set(password)) < 5:
        return "密码过于简单，请至少使用 5 个不同的字符。"
    return None
