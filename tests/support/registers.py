"""A small procedure that receives letters, and files as other systems export them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from handlers.files.file_store import FileStore
from handlers.jobs import queue
from handlers.people.demo_people import install_demo_people
from handlers.people.profiles import install_profile, load_profile
from handlers.register.import_sources import shipped
from handlers.store import schema
from processes.engine.publishing.publish import BEGINNING, publish, shipped_sources
from processes.importing.opening import Imports
from tests.support.bureau import SEAL_KEY, Bureau

HERE = Path(__file__).parent / "intake"
PLATFORM_ROW = {
    "登记编号": "1120000020260301000001",
    "登记时间": "2026-03-01 09:30",
    "业务类型": "投诉",
    "来源渠道": "APP",
    "提供方姓名": "王小明",
    "提供方电话": "13812345678",
    "涉及主体名称": "滨海星河电器商行",
    "主体地址": "滨海新区塘沽街道永安里12号",
    "商品服务名称": "电饭锅",
    "涉及金额": "199.00元",
    "购买日期": "2026年2月20日",
    "业务类别": "产品质量",
    "内容": "2月20日在该店购买电饭锅一台，使用三天后内胆涂层脱落，商家拒绝退货，要求退款并赔偿。",
    "诉求": "退款、赔偿损失",
}


def prepare(bureau: Bureau) -> None:
    """A bureau with people and the small procedure alone: what becomes of the shipped one does not matter here."""
    schema.upgrade(bureau.database)
    queue.prepare(bureau.database)
    now = bureau.time.now()
    with bureau.database.write() as connection:
        install_profile(connection, load_profile("binhai"))
        install_demo_people(connection, now)
        publish(connection, shipped_sources(HERE), author="test", note="", effective_on=BEGINNING, now=now)


def prepared_sqlite(path: Path) -> Path:
    """Such a bureau as a SQLite file at `path`."""
    bureau = Bureau(f"sqlite:///{path}")
    prepare(bureau)
    with bureau.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    bureau.close()
    return path


def imports(bureau: Bureau, folder: Path) -> Imports:
    """The imports of that bureau, with their files in `folder`."""
    return Imports(bureau.engine, SEAL_KEY, FileStore(folder / "files"))


def rows(number: int, **changes: str) -> list[dict[str, str]]:
    """So many different letters of the national platform."""
    return [
        {
            **PLATFORM_ROW,
            "登记编号": f"11200000202603{index:08d}",
            "提供方电话": f"138{index:08d}",
            "涉及主体名称": f"滨海{index}号商行",
            **changes,
        }
        for index in range(1, number + 1)
    ]


def as_csv(
    table: Iterable[Mapping[str, str]], *, encoding: str = "utf-8", delimiter: str = ",", title: str = ""
) -> bytes:
    """The rows as a CSV file."""
    found = list(table)
    buffer = io.StringIO(newline="")
    if title:
        buffer.write(f"{title}\r\n")
    writer = csv.DictWriter(buffer, list(found[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(found)
    return buffer.getvalue().encode(encoding)


def as_xlsx(table: Iterable[Mapping[str, object]]) -> bytes:
    """The rows as a workbook, numbers and dates as such."""
    found = list(table)
    book = Workbook()
    sheet = book.active
    sheet.append(list(found[0]))
    for row in found:
        sheet.append(list(row.values()))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def headings(code: str) -> Sequence[str]:
    """The column headings of a shipped source, each once."""
    return list(dict.fromkeys(shipped()[code].columns.values()))
