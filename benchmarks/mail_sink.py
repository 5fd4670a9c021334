"""A small and quick mail server: takes every letter, keeps its head, and refuses what it is told to.

python -m benchmarks.mail_sink PORT_FILE LETTERS_FILE    a line of the file for each letter it accepted
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass
class Sink:
    """What it took, and how it answers: `refuse(command, argument)` gives a reply line, or None."""

    keep: Callable[[bytes], None]
    refuse: Callable[[str, str], bytes | None] = lambda command, argument: None
    pipelining: bool = True
    sender: bool = False
    addressed: bool = False
    """Whether a recipient was taken. One that was refused need not keep the text from being asked for."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        await replace(self)._talk(reader, writer)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 sink\r\n")
            while line := await reader.readline():
                if not await self._answer(line.decode("ascii").rstrip("\r\n"), reader, writer):
                    break
                if not reader._buffer:  # type: ignore[attr-defined]  # nothing public tells of more to come
                    await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        command, _, argument = line.partition(" ")
        command = command.lower()
        refused = self.refuse(command, argument)
        self.sender = refused is None if command == "mail" else self.sender
        if refused is not None:
            writer.write(refused)
            return not refused.startswith(b"421")
        if command in {"ehlo", "helo"}:
            writer.write(b"250-sink\r\n250 PIPELINING\r\n" if self.pipelining else b"250 sink\r\n")
        elif command == "data":
            writer.write(b"354 go on\r\n")
            await writer.drain()
            text = b"\r\n"
            while not text.endswith(b"\r\n.\r\n"):
                text += await reader.readuntil(b".\r\n")
            late = self.refuse("text", "") if self.addressed else b"554 to nobody\r\n"
            self.addressed = False
            if late is None:
                self.keep(text[:-3].replace(b"\r\n..", b"\r\n.")[2:])
                writer.write(b"250 taken\r\n")
            else:
                writer.write(late)
        elif command == "quit":
            writer.write(b"221 bye\r\n")
            return False
        else:
            self.addressed = self.addressed or (self.sender and command == "rcpt")
            writer.write(b"250 ok\r\n")
        return True


async def serve(port_file: Path, letters: Path) -> None:
    """Take letters until ended; each is on its file before it is answered for."""
    with letters.open("ab", buffering=0) as kept:

        def keep(text: bytes) -> None:
            head = text.partition(b"\r\n\r\n")[0]
            kept.write(head.replace(b"\r\n", b"\t") + b"\n")

        server = await asyncio.start_server(Sink(keep).talk, "127.0.0.1", 0, limit=1 << 24)
        port = server.sockets[0].getsockname()[1]
        part = port_file.with_suffix(".part")
        part.write_text(str(port), encoding="utf8")
        part.rename(port_file)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2])))
