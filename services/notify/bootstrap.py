"""Wires `notify`: the only place that does."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.kernel.directory.copy import subtree
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.profile_files import profiles_of
from services.kernel.limits.entrypoints import (
    calendar_consumer,
    clock_control_servicer,
    deadline_servicer,
    observing,
)
from services.kernel.runtime.service import Definition, Kernel, Wiring
from services.notify.adapters.smtp import SmtpMailer, SmtpServer
from services.notify.adapters.tables import metadata
from services.notify.application.deliver import Deliverer, Pace
from services.notify.application.digests import Digests
from services.notify.application.tell import Teller
from services.notify.domain.delivery import RetryPolicy
from services.notify.entrypoints import consumers, notify_servicer
from services.notify.entrypoints.digest_timer import DigestTimer
from services.notify.settings import NotifySettings


def wire(kernel: Kernel) -> Wiring:
    settings = kernel.settings
    assert isinstance(settings, NotifySettings)
    profiles = profiles_of(settings)
    digests = Digests(timedelta(seconds=settings.digest_after_seconds), settings.message_id_domain)
    teller = Teller(profiles, digests)
    book = ClockBook(profiles, CalendarStore())
    deliverer = _deliverer(kernel, settings)
    digest_timer = DigestTimer(kernel.engine, kernel.clock, digests)
    return Wiring(
        mounted=[
            notify_servicer.mounted(kernel, deliverer.policy),
            # On every service; this one has no clocks of its own.
            deadline_servicer.mounted(kernel, book),
            *clock_control_servicer.mounted(kernel, lambda: [digest_timer, deliverer]),
        ],
        consumers={
            "directives": partial(consumers.on_directives, teller=teller, book=book),
            "tasks": partial(consumers.on_facts, teller=teller),
            "reporting": partial(consumers.on_facts, teller=teller),
        },
        timers=[digest_timer],
        # No timer: the deliverer works by itself, in real time on both clocks.
        workers=[
            deliverer.work,
            partial(calendar_consumer.catch_up, kernel, book),
            *observing.workers(kernel, book),
        ],
    )


def _deliverer(kernel: Kernel, settings: NotifySettings) -> Deliverer:
    lease = timedelta(seconds=settings.uncertain_after_seconds)
    timeout = min(timedelta(seconds=settings.smtp_timeout_seconds), lease / 4)
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        ca_file=settings.smtp_ca_file,
        timeout=timeout.total_seconds(),
    )
    return Deliverer(
        kernel.engine,
        SmtpMailer(server),
        RetryPolicy(lease=lease, base=timedelta(seconds=settings.retry_base_seconds)),
        Pace(
            # Connecting, sending and resetting take at most one timeout each.
            start_within=lease - 3 * timeout,
            connections=settings.smtp_connections,
            poll=settings.delivery_poll_seconds,
        ),
    )


DEFINITION = Definition(
    name="notify",
    metadata=metadata,
    wire=wire,
    subtree=subtree,
    streams=("directives", "tasks", "reporting"),
    settings=NotifySettings,
)
