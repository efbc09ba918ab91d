"""The demo's district lives by the same commands as people: no case stuck in an incident, every history whole."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from handlers.jobs.queue import BULK
from handlers.store.tables import case_link, incident, instance, post
from processes.engine.cases.history import verify
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.job_rows import turns
from webapp.config import Settings
from webapp.demo import install_demo_cases

LETTERS = 10


def test_ten_letters_are_registered_and_handled(bureau: Bureau, tmp_path: Path) -> None:
    key = SEAL_KEY.decode()
    settings = Settings(bureau.database.url, key, key, tmp_path, tmp_path / "files", demo=True, demo_letters=LETTERS)
    install_demo_cases(settings, bureau.database, bureau.time)
    assert set(turns(bureau.database, "letters.render")) == {BULK}
    with bureau.database.read() as connection:
        intake = select(func.count()).select_from(instance).where(instance.c.process == "intake")
        split = select(func.count()).select_from(case_link).where(case_link.c.kind.in_(("case_split", "report_opened")))
        assert connection.execute(intake).scalar_one() - connection.execute(split).scalar_one() == LETTERS
        assert connection.scalar(intake.where(instance.c.status == "completed"))
        assert connection.scalar(select(incident.c.message)) is None
        assert (
            connection.scalar(select(post.c.id).where(post.c.delivered_at.is_(None), post.c.problem.is_(None))) is None
        )
        assert connection.execute(select(func.max(instance.c.started_at))).scalar_one() <= bureau.time.now()
        assert list(verify(connection, SEAL_KEY)) == []
