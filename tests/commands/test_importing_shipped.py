"""The shipped sources fit the shipped registration: their rows become cases that the centre can review."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from handlers.register import import_runs
from handlers.register.import_sources import shipped
from handlers.store.tables import instance, personal, register
from tests.support.bureau import Bureau
from tests.support.registers import PLATFORM_ROW, as_csv, imports

TEXT = PLATFORM_ROW["内容"]
ROWS = {
    "platform": [
        {**PLATFORM_ROW, "登记编号": f"P2026030{number}", "业务类型": kind}
        for number, kind in enumerate(("投诉", "举报", "投诉举报", "咨询"))
    ],
    "hotline_12345": [
        {"工单编号": "GD20260301001", "转办时间": "46082.5", "诉求类型": "求助", "办理时限": "20260310",
         "来电人": "李四", "来电号码": "13812345678", "被反映单位": "大港快修部", "被反映单位地址": "大港街道2号",
         "商品或服务": "修手机", "问题分类": "其他", "工单内容": TEXT, "诉求": "维修、赔偿"},
    ],
    "city_centre": [
        {"市中心编号": "TJ-2026-0315", "分拨时间": "2026/3/1 8:05", "类别": "投诉", "办结期限": "2026年3月9日",
         "投诉举报人": "李四", "联系电话": "13812345678", "被投诉举报人": "汉沽万家超市",
         "被投诉举报人地址": "汉沽街道1号", "商品服务": "牛奶", "业务分类": "食品", "基本情况": TEXT, "请求": "退款"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("source", ROWS)
def test_rows_of_every_shipped_source_reach_the_review(bureau: Bureau, tmp_path: Path, source: str) -> None:
    work, rows = imports(bureau, tmp_path), ROWS[source]
    bureau.time.advance(timedelta(minutes=1))
    run_id = work.open_run(shipped()[source], "a.csv", as_csv(rows), bureau.actor("he.min"), import_runs.RUNNING)
    work.carry_out(run_id)
    with bureau.database.read() as connection:
        run = import_runs.find_run(connection, run_id)
        kept = connection.execute(select(register, instance.c.facts).join(instance)).all()
        names = connection.execute(select(personal).where(personal.c.field == "person_name")).all()
    assert run is not None
    assert (run.state, run.added, run.bad) == ("done", len(rows), 0), run.report
    for row in kept:
        assert "initial_review" in {task.node for task in bureau.open_tasks(row.instance_id)}
        assert row.person_digest is not None
        assert row.facts["person_name"] in {name.masked for name in names}
    if source != "platform":
        assert kept[0].facts["assigner_doc_no"] == kept[0].source_number
        assert kept[0].facts["assigner_reply_on"] >= "2026-03-09"


ORDER = {
    "工单编号": "GD20260301077", "工单标题": "反映某店少称",
    "诉求内容": "市民反映在汉沽街道某水果店买水果少称，要求退款。",
    "诉求类型": "投诉", "区交办时间": "2026-03-01 10:05:00", "区交办办结期限": "2026-03-08 18:00:00",
    "求助人员": "李女士", "求助号码": "13812345678", "事件发生地": "滨海新区汉沽街道", "诉求详细地址": "和平路3号",
    "紧急程度": "一般",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "street"),
    [({}, "汉沽街道"), ({"事件发生地": "", "诉求详细地址": ""}, None), ({"事件发生地": "滨海新区"}, "汉沽街道")],
)
def test_an_order_as_12345_systems_export_it_is_registered_and_what_it_does_not_say_stays_open(
    bureau: Bureau, tmp_path: Path, changes: dict[str, str], street: str | None
) -> None:
    work = imports(bureau, tmp_path)
    bureau.time.advance(timedelta(minutes=1))
    content = as_csv([{**ORDER, **changes}])
    run_id = work.open_run(shipped()["hotline_12345"], "a.csv", content, bureau.actor("he.min"), import_runs.RUNNING)
    work.carry_out(run_id)
    with bureau.database.read() as connection:
        run = import_runs.find_run(connection, run_id)
        (row,) = connection.execute(select(instance.c.id, instance.c.facts, instance.c.title)).all()
    assert run is not None
    assert (run.added, run.bad) == (1, 0), run.report
    assert any("紧急程度" in sentence for sentence in run.report["told"])
    facts = row.facts
    assert (facts["street"], facts["assigner_reply_on"]) == (street, "2026-03-08")
    assert facts["facts_text"] == f"{ORDER['工单标题']}\n{ORDER['诉求内容']}"
    left = ("category", "goods_class", "problem", "wants_reply", "is_online")
    assert [facts[key] for key in left] == [None] * len(left)
    assert (facts["respondent_name"], facts["goods"], facts["demands"]) == ("", "", [])
    assert row.title == "对象待查"
    assert "initial_review" in {task.node for task in bureau.open_tasks(row.id)}
    assert "业务类别" in facts["import_note"]


def test_no_shipped_source_gives_an_answer_that_decides_and_the_file_does_not_hold() -> None:
    for source in shipped().values():
        assert not {"supply_link", "suspected_crime", "wants_reply", "category", "problem"} & source.fixed.keys()
