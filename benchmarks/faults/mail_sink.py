"""A mail server that takes every letter and notes its Message-ID before it answers.

    python -m benchmarks.faults.mail_sink PORT LETTERS ANSWER

ANSWER is a file; while it holds a reply such as `451 later`, letters to addresses that begin with `fail` are
answered so.
"""

from __future__ import annotations

import asyncio
import sys
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session


class Taking:
    """Notes one line a letter: its Message-ID and whom it was for."""

    def __init__(self, letters: Path, answer: Path) -> None:
        self._kept = letters.open("ab", buffering=0)
        self._answer = answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take a letter, or refuse it as told to."""
        recipient = envelope.rcpt_tos[0]
        if recipient.startswith("fail") and self._answer.exists() and (said := self._answer.read_text()):
            return said.strip()
        content = envelope.content
        head = BytesHeaderParser().parsebytes(content if isinstance(content, bytes) else b"")
        self._kept.write(f"{head['Message-ID']}\t{recipient}\n".encode())
        return "250 taken"


async def serve(port: int, letters: Path, answer: Path) -> None:
    """Take letters until ended."""
    controller = UnthreadedController(
        Taking(letters, answer), hostname="127.0.0.1", port=port, loop=asyncio.get_running_loop()
    )
    server = await asyncio.get_running_loop().create_server(controller.factory, host="127.0.0.1", port=port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
