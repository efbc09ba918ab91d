"""What all subcommands of `banli` need: the settings and the database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from handlers.store import schema
from handlers.store.database import Database
from webapp.config import Settings, SettingsError, read_settings

DRIVERS = frozenset({"sqlite", "postgresql+psycopg"})


def environment_settings() -> Settings:
    """The settings of the environment. A mistake there is told in a sentence."""
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    with suppress(ArgumentError):
        if make_url(settings.database_url).drivername in DRIVERS:
            return settings
    raise click.ClickException("BANLI_DATABASE_URL 看不懂，应如 postgresql+psycopg://用户:密码@主机:5432/banli。")


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The installation's database, closed at the end. One that cannot be reached is told in a sentence."""
    settings.var.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        with database.engine.connect():
            pass
    except DBAPIError as error:
        database.close()
        raise click.ClickException(f"连不上数据库：{error.orig}") from error
    try:
        yield database
    finally:
        database.close()


@contextmanager
def ready_database(settings: Settings) -> Iterator[Database]:
    """The same, of an installation that was set up."""
    with open_database(settings) as database:
        if schema.revision(database) != schema.HEAD:
            raise click.ClickException("数据库还没有建立或升级，请先运行 banli setup。 Run banli setup first.")
        yield database
