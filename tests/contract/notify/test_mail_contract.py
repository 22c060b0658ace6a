"""The same suite on the fake and on the real adapter with a real SMTP server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from embedded.smtp_sink import SmtpSink
from services.notify.adapters.smtp import SmtpMailer, SmtpServer
from services.notify.application.ports import Mailer
from services.notify.domain.delivery import ACCEPTED, Mail, Outcome, Verdict, refused
from tests.contract.notify.mail_servers import FakeMailServer, MailServer
from tests.fixtures.ports import held_port

BODY = "Kính gửi Sở Nội vụ\nNội dung: xây dựng kế hoạch\n.\nDòng trên chỉ có một dấu chấm."


class RealMailServer:
    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    def mailer(self) -> Mailer:
        return SmtpMailer(SmtpServer("127.0.0.1", self.sink.port, "x@dondoc.example", timeout=60))

    def refuse_next(self) -> None:
        self.sink.refuse_next()

    def drop_next(self) -> None:
        self.sink.drop_next()

    def go_away(self) -> None:
        self.sink.stop()

    def come_back(self) -> None:
        self.sink.start()

    def arrived(self) -> list[tuple[str, str, str, str]]:
        found = []
        for mail in self.sink.received():
            text = mail.message.get_content().replace("\r\n", "\n").partition("\n\n-- \n")[0]
            (address,) = mail.recipients
            found.append((mail.message_id or "", address, str(mail.message["Subject"]), text))
        return found


@pytest.fixture(params=["fake", "smtp"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MailServer]:
    if request.param == "fake":
        yield FakeMailServer()
        return
    with held_port() as port, SmtpSink(tmp_path, port) as sink:  # it goes away and comes back
        yield RealMailServer(sink)


def mail(number: int = 1, address: str = "so-noi-vu@dondoc.example") -> Mail:
    return Mail(
        message_id=f"<{number}@dondoc.example>",
        address=address,
        subject=f"Nhiệm vụ quá hạn: Văn bản số {number}/UBND-VXNV ngày 05/03/2024",
        body=BODY,
        queued_at=datetime(2024, 3, 5, tzinfo=UTC),
    )


async def send(server: MailServer, *mails: Mail) -> list[Outcome]:
    async with server.mailer().conversation() as conversation:
        return [await conversation.send(one) for one in mails]


def ids(server: MailServer) -> list[str]:
    return [message_id for message_id, *_ in server.arrived()]


async def test_a_mail_arrives_whole_with_its_own_id(server: MailServer) -> None:
    assert await send(server, mail()) == [ACCEPTED]
    one = mail()
    assert server.arrived() == [(one.message_id, one.address, one.subject, one.body)]


async def test_several_mails_of_one_conversation_arrive_in_their_order(server: MailServer) -> None:
    assert await send(server, mail(1), mail(2), mail(3)) == [ACCEPTED] * 3
    assert ids(server) == [mail(n).message_id for n in (1, 2, 3)]


async def test_a_refusal_for_now_is_told_and_stops_no_other_mail(server: MailServer) -> None:
    server.refuse_next()
    assert await send(server, mail(1), mail(2)) == [refused(451), ACCEPTED]
    assert ids(server) == [mail(2).message_id]


async def test_without_an_answer_nobody_knows_and_the_next_mail_goes_on(
    server: MailServer,
) -> None:
    server.drop_next()
    outcomes = await send(server, mail(1), mail(2))
    assert outcomes == [Outcome(Verdict.NO_ANSWER, "NO_ANSWER"), ACCEPTED]
    assert ids(server) == [mail(1).message_id, mail(2).message_id]


async def test_a_server_that_is_away_delivers_nothing_and_another_time_it_does(
    server: MailServer,
) -> None:
    server.go_away()
    assert await send(server, mail(1), mail(2)) == [Outcome(Verdict.NOT_NOW, "CONNECT")] * 2
    server.come_back()
    assert await send(server, mail(1)) == [ACCEPTED]
    assert ids(server) == [mail(1).message_id]


@pytest.mark.parametrize("address", ["không@dondoc.example", "two words@dondoc.example", "@x"])
async def test_what_is_no_address_is_never_tried_again(server: MailServer, address: str) -> None:
    outcomes = await send(server, mail(1, address), mail(2))
    assert outcomes == [Outcome(Verdict.NEVER, "WRONG_ADDRESS"), ACCEPTED]
