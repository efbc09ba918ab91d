"""The worker: takes jobs and sweeps from the database. Start as many as you like, on as many machines as you like."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from socket import gethostname
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSConfig, ScheduleInput
from sqlalchemy.exc import SQLAlchemyError

from handlers.cases.posts import requeue_stuck as requeue_stuck_posts
from handlers.files.file_store import FileStore, remove_orphans
from handlers.jobs.queue import APPLICATION, BULK, QUEUE, SCHEMA, VERSION, JobContext, find_job, in_bulk, job_names
from handlers.jobs.worker_names import HeldName, worker_names
from handlers.letters.issuing import requeue_stuck
from handlers.store import schema
from handlers.store.database import Database
from handlers.time_source import SystemTime
from webapp.config import Settings, read_settings

if TYPE_CHECKING:
    from processes.engine.engine import Engine

CLOCK_JUMP_SECONDS = 60.0
STALE = timedelta(minutes=2)
"""A tick that waited longer (all workers were down) is dropped: the next one does the same work."""
POLL_SECONDS = 0.5
JOBS_AT_ONCE = 4
DRAIN_SECONDS = 10
MAX_ATTEMPTS = 5
KEEP_DAYS = 7
TIDY_BATCH = 500
TIDY_EVERY = timedelta(hours=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Recurring work: `cron` has six fields (seconds first) in Beijing time; `run` gets the present moment."""

    name: str
    cron: str
    run: Callable[[datetime], object]


class ClockWatch:
    """Notices that the wall clock moved without time having passed: a correction, or a machine that slept."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()

    def jumped(self) -> bool:
        """Whether it has moved by more than a minute since the last call."""
        offset = self._wall() - self._steady()
        moved, self._offset = abs(offset - self._offset), offset
        return moved > CLOCK_JUMP_SECONDS


class Worker:
    """One worker in this process. DBOS keeps its state in the module, so there can be only one."""

    def __init__(
        self,
        context: JobContext,
        sweeps: Sequence[Sweep],
        *,
        host: str | None = None,
        house_seconds: float = 5.0,
        clock: ClockWatch | None = None,
    ) -> None:
        self._context = context
        self._sweeps = {sweep.name: sweep for sweep in sweeps}
        self._names = worker_names(context.database)
        self._held: HeldName = self._names.take(host or gethostname())
        self._clock = clock or ClockWatch()
        self._house_seconds = house_seconds
        self._tidy_at = datetime.min.replace(tzinfo=UTC)
        self._schedules = [self._register_sweep(sweep) for sweep in sweeps]
        for name in job_names():
            self._register_job(name)

    @property
    def name(self) -> str:
        """The name this worker's jobs carry while it runs them."""
        return self._held.name

    def start(self) -> None:
        """Take up what this worker left when it died, then wait for jobs and ticks."""
        # Constructing DBOS is what makes it known; launch() then works on the module's instance.
        DBOS(config=self._config())
        DBOS.launch()
        DBOS.register_queue(
            QUEUE, worker_concurrency=JOBS_AT_ONCE, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
        )
        DBOS.apply_schedules(self._schedules)
        for schedule in DBOS.list_schedules():
            if schedule["schedule_name"] not in self._sweeps:
                DBOS.delete_schedule(schedule["schedule_name"])

    def run(self, stop: threading.Event) -> bool:
        """Keep house until `stop` is set; False, if the worker must be started anew because it lost its name."""
        while not stop.wait(self._house_seconds):
            if not self._held.still_held():
                logger.error("worker %s lost its name and ends", self.name)
                return False
            self._mind_the_clock()
            self._keep_house()
        return True

    def stop(self) -> None:
        """Let running jobs end for ten seconds, then give the name back; what did not end is taken up by others."""
        DBOS.destroy(workflow_completion_timeout_sec=DRAIN_SECONDS, destroy_registry=True)
        self._held.release()

    def recover_dead_workers(self) -> list[str]:
        """Put jobs of workers that died back into the queue; the names of the dead."""
        running = DBOS.list_workflows(status="PENDING", app_version=VERSION, load_input=False, load_output=False)
        holders = {workflow.executor_id for workflow in running if workflow.executor_id} - {self.name}
        dead = sorted(name for name in holders if self._names.is_free(name))
        if dead:
            logger.warning("taking up the jobs of %s", ", ".join(dead))
            # Internal, but exact: it moves only what is still marked as theirs, so two rescuers cannot both move a job.
            DBOS._recover_pending_workflows(dead)
        return dead

    def _keep_house(self) -> None:
        # The database may be away for a while; the worker outlives that, as DBOS's own threads do.
        with suppress(SQLAlchemyError), _logged("housekeeping"):
            self.recover_dead_workers()
            self._tidy()

    def _mind_the_clock(self) -> None:
        # DBOS's schedules count ticks from their start: after a jump forward they would fire every tick in between,
        # after one backward none until the clock has caught up. New ones count from now.
        if self._clock.jumped():
            logger.warning("the clock jumped; schedules start anew")
            DBOS.destroy(workflow_completion_timeout_sec=DRAIN_SECONDS)
            self.start()

    def _tidy(self) -> None:
        now = self._context.time.now()
        if abs(now - self._tidy_at) < TIDY_EVERY:
            return
        self._tidy_at = now
        before = (now - timedelta(days=KEEP_DAYS)).isoformat()
        while True:
            old = DBOS.list_workflows(completed_before=before, limit=TIDY_BATCH, load_input=False, load_output=False)
            DBOS.delete_workflows([workflow.workflow_id for workflow in old])
            if len(old) < TIDY_BATCH:
                return

    def _register_job(self, name: str) -> None:
        function, context = find_job(name), self._context

        def run_step(*args: int | str) -> None:
            with in_bulk(_is_bulk()):  # what bulk work leaves is bulk work
                function(context, *args)

        def run_job(*args: int | str) -> None:
            with _logged(name):
                DBOS.run_step(
                    {"name": name, "retries_allowed": True, "max_attempts": MAX_ATTEMPTS, "backoff_rate": 3.0},
                    run_step,
                    *args,
                )

        DBOS.workflow(name=name)(run_job)

    def _register_sweep(self, sweep: Sweep) -> ScheduleInput:
        busy, time_source = threading.Lock(), self._context.time

        def run_sweep(scheduled_at: datetime, _context: Any) -> None:
            now = time_source.now()
            if now - scheduled_at > STALE or not busy.acquire(blocking=False):
                return
            try:
                with _logged(sweep.name), in_bulk():
                    sweep.run(now)
            finally:
                busy.release()

        return {
            "schedule_name": sweep.name,
            "workflow_fn": DBOS.workflow(name=f"sweep.{sweep.name}")(run_sweep),
            "schedule": sweep.cron,
            "context": None,
            "automatic_backfill": False,
            "cron_timezone": "Asia/Shanghai",
        }

    def _config(self) -> DBOSConfig:
        return {
            "name": APPLICATION,
            "system_database_url": self._context.database.url,
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": self.name,
            "run_migrations": False,
            "enable_otlp": False,
            "log_level": "WARNING",
            "sys_db_pool_size": 6,
            "max_executor_threads": 16,
        }


def _is_bulk() -> bool:
    """Whether the job that this thread runs was left as bulk work. Within a step, where asking leaves no trace."""
    status = DBOS.get_workflow_status(DBOS.workflow_id) if DBOS.workflow_id else None
    return status is not None and status.priority == BULK


@contextmanager
def _logged(work: str) -> Iterator[None]:
    """Name the work in the log when it fails, and let the error go on its way."""
    try:
        yield
    except Exception:
        logger.exception("%s failed", work)
        raise


def sweeps(context: JobContext, engine: Engine) -> list[Sweep]:
    """What recurs: timers, warnings, letters and posts that lost their job, uploads and files that nobody needs."""
    database, files = context.database, context.files
    return [
        Sweep("timers", "*/20 * * * * *", engine.fire_all_due),
        Sweep("deadlines", "10 * * * * *", engine.sweep_deadlines),
        Sweep("letters", "40 */5 * * * *", lambda now: requeue_stuck(database, now)),
        Sweep("posts", "50 */5 * * * *", lambda now: requeue_stuck_posts(database, now)),
        Sweep("files", "0 30 3 * * *", lambda now: remove_orphans(database, files, now)),
    ]


def main(settings: Settings) -> None:
    """Run one worker until SIGTERM or Ctrl-C; exits with 1 if it has to be started anew."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Late: tests of the worker need neither SpiffWorkflow nor the procedures.
    from webapp.engine import JobsOfEngine, make_engine, make_imports

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    database, time_source = Database(settings.database_url), SystemTime()
    if schema.revision(database) != schema.HEAD:
        sys.exit("数据库还没有建立或升级，请先运行 banli setup。 Run banli setup first.")
    engine, files = make_engine(database, time_source, settings), FileStore(settings.files)
    jobs = JobsOfEngine(engine, make_imports(engine, settings))
    context = JobContext(database, files, time_source, jobs)
    worker = Worker(context, sweeps(context, engine))
    worker.start()
    logger.info("worker %s is ready", worker.name)
    healthy = worker.run(stop)
    worker.stop()
    sys.exit(0 if healthy else 1)


if __name__ == "__main__":
    main(read_settings(os.environ))
