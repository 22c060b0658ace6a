from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from embedded.smtp_sink import SmtpSink
from tests.fixtures.eventually import PATIENCE_SECONDS


def _message(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "dondoc@dondoc.example"
    message["To"] = "so-noi-vu@dondoc.example"
    message["Subject"] = f"Nhiệm vụ {number} quá hạn"
    message["Message-ID"] = f"<{number}@dondoc.example>"
    message.set_content("Đề nghị báo cáo kết quả thực hiện.\n.\nA line that begins with a dot.")
    return message


async def _send(sink: SmtpSink, number: int) -> None:
    await aiosmtplib.send(_message(number), hostname="127.0.0.1", port=sink.port)


async def test_messages_are_kept_whole_and_in_the_order_of_receipt(smtp_sink: SmtpSink) -> None:
    for number in (1, 2, 3):
        await _send(smtp_sink, number)
    received = smtp_sink.received()
    assert [mail.message_id for mail in received] == [
        f"<{number}@dondoc.example>" for number in (1, 2, 3)
    ]
    first = received[0]
    assert first.recipients == ["so-noi-vu@dondoc.example"]
    assert first.message["Subject"] == "Nhiệm vụ 1 quá hạn"
    assert first.message["Return-Path"] == "<dondoc@dondoc.example>"
    assert first.message.get_content().splitlines() == _message(1).get_content().splitlines()
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600


async def test_a_message_is_refused_as_often_as_told_and_then_received(
    smtp_sink: SmtpSink,
) -> None:
    smtp_sink.refuse_next(2)
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await _send(smtp_sink, 1)
        assert refused.value.code == 451
    assert smtp_sink.received() == []
    await _send(smtp_sink, 1)
    assert [mail.message_id for mail in smtp_sink.received()] == ["<1@dondoc.example>"]


async def test_a_dropped_connection_after_data_leaves_the_sender_without_an_answer(
    smtp_sink: SmtpSink,
) -> None:
    smtp_sink.drop_next()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await _send(smtp_sink, 1)
    received = await smtp_sink.wait_for(lambda mails: len(mails) == 1)
    assert received[0].message_id == "<1@dondoc.example>"
    await _send(smtp_sink, 1)
    assert len(smtp_sink.received()) == 2


async def test_it_restarts_on_the_same_port_and_numbers_go_on_for_a_new_sink(
    tmp_path: Path,
) -> None:
    sink = SmtpSink(tmp_path)
    with sink:
        await _send(sink, 1)
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await _send(sink, 2)
    with sink:
        await _send(sink, 2)
    with SmtpSink(tmp_path, sink.port) as another:
        await _send(another, 3)
        assert [mail.number for mail in another.received()] == [1, 2, 3]


async def test_as_a_process_it_prints_its_port_and_ends_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "embedded.smtp_sink", "--dir", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = json.loads(process.stdout.readline())["port"]
            await aiosmtplib.send(_message(5), hostname="127.0.0.1", port=port)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        finally:
            process.kill()
    assert [mail.message_id for mail in SmtpSink(tmp_path).received()] == ["<5@dondoc.example>"]
