"""The conversation over TLS, against a server whose certificate is made for the test."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.notify.adapters.smtp import SmtpMailer, SmtpServer
from services.notify.domain.delivery import ACCEPTED, Outcome, Verdict
from tests.contract.notify.test_mail_contract import mail


class Inbox:
    """550 for strangers; counts what it got."""

    def __init__(self) -> None:
        self.encrypted: list[bool] = []

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith("stranger"):
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest_asyncio.fixture
async def starttls(certificate: tuple[Path, Path]) -> AsyncIterator[tuple[Inbox, int]]:
    """Takes mail only over TLS, and only after a login."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    inbox = Inbox()

    def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (b"dondoc", b"right")
        return AuthResult(success=right, handled=False)

    def conversation() -> SMTP:
        return SMTP(
            inbox, hostname="localhost", tls_context=context, require_starttls=True,
            authenticator=login, auth_required=True, loop=asyncio.get_running_loop(),
        )  # fmt: skip

    server = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", 0)
    yield inbox, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_with_starttls_and_a_login_the_mail_goes_over_an_encrypted_connection(
    starttls: tuple[Inbox, int], certificate: tuple[Path, Path]
) -> None:
    inbox, port = starttls
    server = SmtpServer(
        "localhost", port, "x@dondoc.example",
        tls="starttls", user="dondoc", password="right", ca_file=str(certificate[0]), timeout=60,
    )  # fmt: skip
    async with SmtpMailer(server).conversation() as conversation:
        assert await conversation.send(mail(1)) == ACCEPTED
        stranger = await conversation.send(mail(2, "stranger@dondoc.example"))
        assert stranger == Outcome(Verdict.NEVER, "SMTP 550")
        assert await conversation.send(mail(3)) == ACCEPTED
    assert inbox.encrypted == [True, True]


async def test_a_wrong_password_is_a_fault_of_the_house_and_of_no_address(
    starttls: tuple[Inbox, int], certificate: tuple[Path, Path]
) -> None:
    _, port = starttls
    server = SmtpServer(
        "localhost", port, "x@dondoc.example",
        tls="starttls", user="dondoc", password="wrong", ca_file=str(certificate[0]), timeout=60,
    )  # fmt: skip
    async with SmtpMailer(server).conversation() as conversation:
        assert await conversation.send(mail(1)) == Outcome(Verdict.NOT_NOW, "SMTP 535")


async def test_a_certificate_that_nobody_trusts_gets_no_mail(
    starttls: tuple[Inbox, int],
) -> None:
    inbox, port = starttls
    server = SmtpServer("localhost", port, "x@dondoc.example", tls="starttls", timeout=60)
    async with SmtpMailer(server).conversation() as conversation:
        assert await conversation.send(mail(1)) == Outcome(Verdict.NOT_NOW, "CONNECT")
    assert inbox.encrypted == []
