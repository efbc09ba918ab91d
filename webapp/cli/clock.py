"""`banli clock`: when a limit ends, and why. For scripts, for checking a letter, for settling an argument."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import click

from handlers.clocks.calendar import Calendar, shipped_calendar
from handlers.clocks.counting import LONGEST_AMOUNT, Clock, Due, Pause, RollOver, Unit, compute_due
from handlers.clocks.explain import DayRow, explain
from handlers.clocks.holiday_notices import NoticeError, parse_notice
from handlers.time_source import beginning_of, beijing_date

FIRST_YEAR, LAST_YEAR = 2000, 2099

HELP = """\
推算期限届满日。 Work out when a legal time limit ends.

\b
只输出一行 Prints one line:
  2026-03-11              届满日 last day, ends 24:00 Beijing time
  PAUSED:5                中止中，剩余 5 天 resting, 5 days left
  PROVISIONAL:2027-01-07  暂定，没有录入该年的放假通知 no holiday notice of that year
  PROVISIONAL:            须待通知公布才能确定 unknown until the notice is out

\b
例 Examples:
  banli clock --from 2026-03-02T09:30+08:00 --amount 7 --unit WD
  banli clock --from 2026-03-02T09:30+08:00 --amount 60 --unit CD \\
              --pause 2026-03-10/2026-04-03 --explain
"""


class OneLineError(click.ClickException):
    """A mistake in the command line, told in one Chinese line. Exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Only the sentence: no usage text around it."""
        click.echo(f"错误：{self.message}", err=file is None, file=file)


class _ChineseCommand(click.Command):
    """Says click's own complaints in Chinese, too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = " ".join(args)  # click empties the list
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise OneLineError(f"没有 {error.option_name} 这个选项，用 --help 看用法") from error
        except click.BadOptionUsage as error:
            raise OneLineError(f"选项 {error.option_name} 缺少取值，或不应带取值，用 --help 看用法") from error
        except click.UsageError as error:
            raise OneLineError(f"命令行不对：{given}，用 --help 看用法") from error


@click.command("clock", cls=_ChineseCommand, help=HELP)
@click.option(
    "--from", "start", metavar="TIME", help="起算时间，须带时区；或只写日期（北京）。 Start: aware moment or date."
)
@click.option("--amount", metavar="N", help="天数。 Number of days.")
@click.option("--unit", default="WD", show_default=True, metavar="WD|CD", help="工作日或日。 Working or calendar days.")
@click.option(
    "--pause", "pause", multiple=True, metavar="A/B",
    help="中止期间：A 次日起至 B 日不计；B 空着表示仍在中止。可写多次。 Excluded time (A, B]; no B: still open.",
)  # fmt: skip
@click.option(
    "--roll", default=RollOver.NON_WORKING.value, show_default=True, metavar="none|holiday|non-working",
    help="末日遇休息日是否顺延。 Roll-over of the last day.",
)  # fmt: skip
@click.option(
    "--notice", "notices", multiple=True, metavar="FILE", help="另加一份放假通知。 Add a holiday notice (JSON)."
)
@click.option("--explain", "explained", is_flag=True, help="逐日说明。 Explain day by day.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
@click.pass_context
def clock(
    ctx: click.Context,
    start: str | None,
    amount: str | None,
    unit: str,
    pause: Sequence[str],
    roll: str,
    notices: Sequence[str],
    explained: bool,
    as_json: bool,
) -> None:
    """See HELP."""
    given = Clock(
        code="",
        started_at=read_start(start),
        amount=_read_amount(amount),
        unit=_read_unit(unit),
        roll=_read_roll(roll),
        pauses=tuple(read_pause(part) for text in pause for part in text.split(";")),
    )
    calendar = _with_notices(ctx.find_object(Calendar) or shipped_calendar(), notices)
    if as_json:
        click.echo(json.dumps(_as_json(given, calendar, explained=explained), ensure_ascii=False, indent=1))
        return
    due = compute_due(given, calendar)
    click.echo(due.answer)
    if explained:
        click.echo("\n".join(explain(given, calendar).lines()))
    elif due.paused and due.provisional:
        click.echo("暂定：剩余天数按没有录入放假通知的年份推算。", err=True)


def read_start(text: str | None) -> datetime:
    """The aware moment that was typed, or the beginning of that Beijing day. Raises OneLineError."""
    if not text:
        raise OneLineError("缺少 --from（起算时间），例如 --from 2026-03-02T09:30+08:00")
    try:
        moment = _moment(text.strip())
        day = beijing_date(moment)
    except (ValueError, OverflowError) as error:
        raise OneLineError(f"起算时间 {text} 不对，请写成 2026-03-02T09:30+08:00") from error
    _refuse_far_year(day)
    return moment


def _moment(text: str) -> datetime:
    try:
        return beginning_of(date.fromisoformat(text))
    except ValueError:
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise OneLineError(f"起算时间 {text} 缺少时区，请写成 2026-03-02T09:30+08:00")
    return moment


def read_pause(text: str) -> Pause:
    """A/B or A/ as a pause. Raises OneLineError."""
    first, slash, last = text.strip().partition("/")
    if not slash:
        raise OneLineError(f"中止期间 {text} 不对，请写成 2026-03-10/2026-04-03，仍在中止写 2026-03-10/")
    starts_on = _read_day(first, text)
    ends_on = _read_day(last, text) if last.strip() else None
    try:
        return Pause(starts_on, ends_on)
    except ValueError as error:
        raise OneLineError(str(error)) from error


def _read_day(day: str, text: str) -> date:
    try:
        read = date.fromisoformat(day.strip())
    except ValueError as error:
        raise OneLineError(f"中止期间 {text} 不对，请写成 2026-03-10/2026-04-03，仍在中止写 2026-03-10/") from error
    _refuse_far_year(read)
    return read


def _refuse_far_year(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise OneLineError(f"只能推算 {FIRST_YEAR} 至 {LAST_YEAR} 年的期限，{day} 不在其中")


def _read_amount(text: str | None) -> int:
    if not text:
        raise OneLineError("缺少 --amount（天数），例如 --amount 7")
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and 1 <= int(digits[:9]) <= LONGEST_AMOUNT and len(digits) < 9):
        raise OneLineError(f"天数 {text} 不对，应是 1 至 {LONGEST_AMOUNT} 的整数")
    return int(digits)


def _read_unit(text: str) -> Unit:
    try:
        return Unit(text.strip().upper())
    except ValueError as error:
        raise OneLineError(f"单位 {text} 不对，应是 WD（工作日）或 CD（日）") from error


def _read_roll(text: str) -> RollOver:
    try:
        return RollOver(text.strip())
    except ValueError as error:
        raise OneLineError(f"顺延方式 {text} 不对，应是 none、holiday 或 non-working") from error


def _with_notices(calendar: Calendar, paths: Sequence[str]) -> Calendar:
    for path in paths:
        try:
            calendar = calendar.with_notice(parse_notice(Path(path).read_bytes()))
        except OSError as error:
            raise OneLineError(f"读不到放假通知文件 {path}") from error
        except NoticeError as error:
            raise OneLineError(f"放假通知 {path} 有误：{error}") from error
    return calendar


def _as_json(given: Clock, calendar: Calendar, *, explained: bool) -> dict[str, Any]:
    due = compute_due(given, calendar)
    answer: dict[str, Any] = {
        "answer": due.answer,
        "started_on": given.started_on.isoformat(),
        "amount": given.amount,
        "unit": given.unit,
        "roll": given.roll,
        "state": "paused" if due.paused else "running",
        "due_on": _iso(due.on),
        "estimated_on": _iso(due.estimated_on),
        "last_counted_on": _iso(due.last_counted_on),
        "ends_at": _ends_at(due),
        "remaining": due.remaining,
        "provisional": due.provisional,
    }
    if explained:
        explanation = explain(given, calendar)
        answer |= {
            "headline": explanation.headline,
            "days": [_row_json(row) for row in explanation.rows],
            "conclusion": explanation.conclusion,
            "notes": list(explanation.notes),
        }
    return answer


def _ends_at(due: Due) -> str | None:
    # An end that is only guessed is not given as a moment that somebody might rely on.
    return due.ends_at.isoformat() if due.on is not None and due.ends_at is not None else None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _row_json(row: DayRow) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "kind": row.kind,
        "number": row.number,
        "text": row.text,
        "provisional": row.provisional,
        "source": row.source,
    }
