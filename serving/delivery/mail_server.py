"""One connection to a mail server: kept open, with the commands of a letter sent together where it may."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Final

from serving.delivery.settings import DeliverySettings

LONGEST_USE: Final = 500
"""Letters over one connection; servers end those that stay too long."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said to a letter, and to which command."""

    command: str
    code: int


class MailServer:
    """A connection that is made when it is needed. Belongs to one thread."""

    def __init__(self, settings: DeliverySettings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None
        self._used = 0

    def hand_over(self, sender: str, recipient: str, letter: bytes) -> Reply:
        """Give a letter to the server; its last word on it.

        Raises OSError and smtplib.SMTPException where the way there is closed. The connection is then
        broken off, and it is unknown whether the server took the letter.
        """
        try:
            server = self._ready()
            reply = self._said(server, sender, recipient, letter)
        except (OSError, smtplib.SMTPException):
            self.close()
            raise
        self._used += 1
        if reply.code == 421 or self._used >= LONGEST_USE:
            self.close()
        return reply

    def close(self) -> None:
        """Break the connection off."""
        if self._server is not None:
            self._server.close()
        self._server, self._used = None, 0

    def _ready(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = self._connected()
        return self._server

    def _connected(self) -> smtplib.SMTP:
        s = self._settings
        context = ssl.create_default_context()
        host, name = s.mail_host or "", s.mail_from.rpartition("@")[2]
        if s.mail_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, s.mail_port, name, timeout=s.gateway_timeout, context=context
            )
        else:
            server = smtplib.SMTP(host, s.mail_port, name, timeout=s.gateway_timeout)
        try:
            if isinstance(server.sock, socket.socket):
                # A letter's last packet must not wait for the receipt of the one before.
                server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.ehlo_or_helo_if_needed()
            if s.mail_security == "starttls":
                # A server that does not offer it raises: nothing is ever sent in the clear instead.
                server.starttls(context=context)
                server.ehlo()
            if s.mail_user is not None and s.mail_password is not None:
                server.login(s.mail_user, s.mail_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server

    def _said(self, server: smtplib.SMTP, sender: str, recipient: str, letter: bytes) -> Reply:
        commands = {
            "mail": f"mail FROM:<{sender}>\r\n",
            "rcpt": f"rcpt TO:<{recipient}>\r\n",
            "data": "data\r\n",
        }
        together = server.has_extn("pipelining")
        if together:
            server.send("".join(commands.values()))
        refused: Reply | None = None
        for command, line in commands.items():
            if not together:
                if refused is not None:
                    break
                server.send(line)
            code, _ = server.getreply()
            if command == "data" and code == 354:
                break
            if (code >= 400 or command == "data") and refused is None:
                refused = Reply(command, code)
        else:
            # No text was asked for: the envelope was refused.
            return self._given_up(server, refused or Reply("data", 0))
        if refused is not None:
            # Sent together, an envelope may be refused and its text asked for all the same: it gets none.
            if together:
                server.send(b".\r\n")
                server.getreply()
            return self._given_up(server, refused)
        server.send(_quoted(letter))
        code, _ = server.getreply()
        return Reply("text", code)

    def _given_up(self, server: smtplib.SMTP, reply: Reply) -> Reply:
        server.rset()
        return reply


def _quoted(letter: bytes) -> bytes:
    """With its end, and with every dot that begins a line doubled."""
    if letter.startswith(b"."):
        letter = b"." + letter
    return letter.replace(b"\r\n.", b"\r\n..") + b".\r\n"
