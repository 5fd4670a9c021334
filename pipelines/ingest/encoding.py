"""Which encoding an operator's text file is in; a doubtful one is refused, never guessed at."""

from __future__ import annotations

import codecs

from pipelines.ingest.report import FileRefused
from pipelines.ingest.wording import file_fault

_STEP = 1 << 23
_SAMPLE = 1 << 16


def to_utf8(content: bytes, file: str) -> tuple[bytes, str | None]:
    """The file as UTF-8 without a byte-order mark, and its encoding where it was another.

    GBK is accepted where all of the file is GBK and little of it would pass for Chinese in UTF-8:
    a damaged UTF-8 file must not go in as Chinese nobody wrote. FileRefused for all else.
    """
    refuse_utf16(content, file)
    content = content.removeprefix(codecs.BOM_UTF8)
    broken = _first_fault(content, "utf-8")
    if broken is None:
        return content, None
    cut_off = broken >= len(content) - 3 and _is_start(content[broken:])
    if not cut_off and _first_fault(content, "gbk") is None and not _mostly_utf8(content, broken):
        return content.decode("gbk").encode(), "GBK"
    line = content.count(b"\n", 0, broken) + 1
    raise FileRefused(file_fault(file, "bad_encoding", str(line)))


def refuse_utf16(content: bytes, file: str) -> None:
    """FileRefused for what spreadsheets call Unicode text."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileRefused(file_fault(file, "utf16"))


def _mostly_utf8(content: bytes, broken: int) -> bool:
    """Whether, around the fault, more characters are Chinese in UTF-8 than are nothing in it."""
    start = max(0, broken - _SAMPLE // 2)
    sample = content[start : start + _SAMPLE].decode("utf-8", errors="replace")
    chinese = sum("\u4e00" <= character <= "\u9fff" for character in sample)
    return chinese >= sample.count("\ufffd")


def _is_start(tail: bytes) -> bool:
    """Whether the bytes are a UTF-8 character that lacks its end."""
    try:
        tail.decode()
    except UnicodeDecodeError as fault:
        return fault.reason == "unexpected end of data"
    return False


def _first_fault(content: bytes, encoding: str) -> int | None:
    """Where decoding first fails; in steps, so that no second copy of a large file is made."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(content), _STEP):
        piece = content[start : start + _STEP]
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(piece, final=start + _STEP >= len(content))
        except UnicodeDecodeError as fault:
            return start - pending + fault.start
    return None
