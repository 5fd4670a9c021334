"""Log lines: JSON, of a closed set of fields, none of which can hold personal data.

Only our own messages are written out; they are constant texts with codes and counts in them. Of what a
library says, the text may hold anything (a statement's parameters, an address), so a line keeps its
logger, its level and, of an exception, its kind and the place in the code: never its message.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

FIELDS: Final = frozenset(
    {
        "timestamp",
        "level",
        "logger",
        "event",
        "error",
        "where",
        "request",
        "method",
        "route",
        "status",
        "problem",
        "role",
        "milliseconds",
        "bytes",
        "dropped",
    }
)
"""Everything a line may say."""
OURS: Final = "qianmian"
_SILENT: Final = "message withheld"
_ROOT: Final = Path(__file__).resolve().parents[1]
_PACKAGES: Final = frozenset({"catalog", "features", "models", "privacy", "records", "serving", "commands"})


def configure_logging(level: str, stream: TextIO | None = None) -> logging.Handler:
    """Send every logger of the process through the one formatter; the handler that does it."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            foreign_pre_chain=[
                _only_what_is_ours,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _closed,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _no_other_way_out(root)
    # The request line of serving.logging_requests takes its place; it would write the path and the query.
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(True)
    return handler


def _no_other_way_out(root: logging.Logger) -> None:
    """Take from every logger a library's own handlers: they would write what the formatter withholds."""
    for logger in root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True


def _only_what_is_ours(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The message if it is ours, the allowed extras, and the kind and place of an exception."""
    record: logging.LogRecord = event["_record"]
    ours = record.name == OURS or record.name.startswith(f"{OURS}.")
    said: dict[str, Any] = {**event, "event": event["event"] if ours else _SILENT}
    if ours:
        said |= {name: value for name, value in vars(record).items() if name in FIELDS}
    said.pop("exc_info", None)
    said.pop("stack_info", None)
    return {**said, **_fault(record.exc_info)}


def _fault(raised: Any) -> Mapping[str, str]:
    if not isinstance(raised, tuple) or raised[0] is None:
        return {}
    return {"error": raised[0].__name__, "where": place_of(raised[2])}


def place_of(frames: TracebackType | None) -> str:
    """Where an exception was raised, as far in as our own code goes: file, line, function."""
    seen = traceback.extract_tb(frames)
    own = [frame for frame in seen if _is_own(Path(frame.filename))]
    if not (own or seen):
        return "unknown"
    last = (own or seen)[-1]
    path = Path(last.filename)
    return f"{path.relative_to(_ROOT) if own else path.name}:{last.lineno} {last.name}"


def _is_own(path: Path) -> bool:
    return path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _PACKAGES


def _closed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Nothing but the fields of the closed set; how many others there were is said."""
    kept = {name: value for name, value in event.items() if name in FIELDS or name.startswith("_")}
    if len(kept) < len(event):
        kept["dropped"] = len(event) - len(kept)
    return kept
