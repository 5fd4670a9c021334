"""Packs what one register says of one scope item into bytes, and back; the only place that does.

A packet is MessagePack: `[layout, observed at in microseconds UTC, values, dates]`. Values are keyed
by attribute name, so that a catalogue may gain or lose attributes without repacking. An attribute
that is missing is unknown; one that is null is known to be none.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from catalog.predicate import presence
from features.schema import ABSENT, Absence, Value

LAYOUT = 1
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
_MICROSECOND = dt.timedelta(microseconds=1)


class PackingError(ValueError):
    """A value that no register may state, or bytes that are no packet of this layout."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one register said of one scope item, and when (aware)."""

    observed_at: dt.datetime
    attributes: Mapping[str, Value]


class _Packet(msgspec.Struct, array_like=True, frozen=True):
    layout: int
    observed_at: int
    values: dict[str, bool | float | str | None]
    dates: dict[str, int]


class _Header(msgspec.Struct, array_like=True, frozen=True):
    layout: int
    observed_at: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packet).decode
_decode_header = msgspec.msgpack.Decoder(_Header).decode


def pack(statement: Statement) -> bytes:
    """The bytes of one statement; PackingError for a naive time or a value that is none of `Value`."""
    values: dict[str, bool | float | str | None] = {}
    dates: dict[str, int] = {}
    for name, value in statement.attributes.items():
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            dates[name] = value.toordinal()
        else:
            values[name] = _plain(name, value)
    return _encode(_Packet(LAYOUT, _micros(statement.observed_at), values, dates))


def unpack(payload: bytes) -> Statement:
    """The statement in these bytes; PackingError if they are no packet of this layout."""
    try:
        packet = _decode(payload)
    except msgspec.MsgspecError as fault:
        raise PackingError(f"not a packed statement: {fault}; materialise the profiles again") from fault
    _check_layout(packet.layout)
    attributes: dict[str, Value] = {
        name: ABSENT if value is None else value for name, value in packet.values.items()
    }
    for name, ordinal in packet.dates.items():
        attributes[name] = dt.date.fromordinal(ordinal)
    return Statement(_EPOCH + packet.observed_at * _MICROSECOND, attributes)


def observed_at(payload: bytes) -> dt.datetime:
    """When the packet's register spoke, read without unpacking the rest."""
    try:
        header = _decode_header(payload)
    except msgspec.MsgspecError as fault:
        raise PackingError(f"not a packed statement: {fault}; materialise the profiles again") from fault
    _check_layout(header.layout)
    return _EPOCH + header.observed_at * _MICROSECOND


def pack_rows(frame: pl.DataFrame, names: Sequence[str]) -> list[bytes]:
    """One packet a row, of the columns `observed_at`, `names` and their `has_<name>` where present.

    Null is unknown. A false `has_x` makes x known to be none, whatever its own cell says; a true one
    beside an empty cell travels as `has_x` itself ("there is one, but which is not told").
    """
    held = [name for name in names if name in frame.columns]
    flagged = [name for name in held if presence(name) in frame.columns]
    _check_finite(frame, held)
    told = frame.with_columns(
        pl.when(pl.col(presence(name)).eq_missing(False)).then(None).otherwise(pl.col(name)).alias(name)
        for name in flagged
    )
    values = _rows(told, [name for name in held if frame.schema[name] != pl.Date])
    dates = _rows(_ordinals(told), [name for name in held if frame.schema[name] == pl.Date])
    for name in flagged:
        flag = pl.col(presence(name))
        for row in told.select((~flag).fill_null(False).arg_true()).to_series():
            values[row][name] = None
        for row in told.select((flag & pl.col(name).is_null()).fill_null(False).arg_true()).to_series():
            values[row][presence(name)] = True
    times = frame["observed_at"].dt.cast_time_unit("us").to_physical()
    return [
        _encode(_Packet(LAYOUT, time, plain, dated))
        for time, plain, dated in zip(times, values, dates, strict=True)
    ]


def attributes_of_row(row: Mapping[str, object], names: Sequence[str]) -> dict[str, Value]:
    """The attributes a row of a frame states, by the same rule as `pack_rows`: empty cells left out."""
    attributes: dict[str, Value] = {}
    for name in names:
        value, flag = row.get(name), row.get(presence(name))
        if flag is False:
            attributes[name] = ABSENT
        elif value is not None:
            attributes[name] = value  # type: ignore[assignment]
        elif flag is True:
            attributes[presence(name)] = True
    return attributes


def _plain(name: str, value: object) -> bool | float | str | None:
    match value:
        case bool() | str():
            return value
        case int() | float() if math.isfinite(value):
            return float(value)
        case Absence():
            return None
    raise PackingError(f"{name}: {value!r} is no boolean, finite number, word, date or ABSENT")


def _micros(time: dt.datetime) -> int:
    if time.tzinfo is None:
        raise PackingError(f"{time!r} has no time zone; say when in UTC")
    return (time - _EPOCH) // _MICROSECOND


def _check_layout(layout: int) -> None:
    if layout != LAYOUT:
        raise PackingError(f"packet of layout {layout}, this is {LAYOUT}; materialise the profiles again")


def _check_finite(frame: pl.DataFrame, names: Sequence[str]) -> None:
    floats = [name for name in names if frame.schema[name].is_float()]
    faulty = [name for name in floats if not frame[name].drop_nulls().is_finite().all()]
    if faulty:
        raise PackingError(f"not a number or infinite in {', '.join(faulty)}: write unknown as an empty cell")


def _ordinals(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Date).cast(pl.Int32) + _EPOCH_ORDINAL)


def _rows(frame: pl.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    if not names:
        return [{} for _ in range(frame.height)]
    chosen = frame.select(
        pl.col(name).cast(pl.Float64) if frame.schema[name].is_decimal() else pl.col(name) for name in names
    )
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in chosen.iter_rows()
    ]
