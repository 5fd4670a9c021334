"""What is wrong with rows, a column of truth values for each thing that can be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from pipelines.ingest.reading import ROW
from pipelines.ingest.wording import row_reason


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that can be wrong with a row."""

    code: str
    column: str = ""
    other: str = ""
    allowed: str = ""

    @property
    def name(self) -> str:
        """As it is counted and written: `code:column`."""
        return f"{self.code}:{self.column}" if self.column else self.code


@dataclass(slots=True)
class Masks:
    """Which rows of a table are wrong, by reason. Rows without a mask are right."""

    masks: dict[Reason, pl.Series] = field(default_factory=dict)

    def add(self, frame: pl.DataFrame, wrong: Mapping[Reason, pl.Expr]) -> None:
        """Find the rows of the frame for which an expression holds; unknown does not."""
        if not wrong:
            return
        found = frame.select(expr.fill_null(False).alias(str(n)) for n, expr in enumerate(wrong.values()))
        for reason, mask in zip(wrong, found.iter_columns(), strict=True):
            if mask.any():
                self.masks[reason] = mask

    def any(self, rows: int) -> pl.Series:
        """The rows that are wrong in any way."""
        wrong = pl.repeat(False, rows, eager=True)
        for mask in self.masks.values():
            wrong = wrong | mask
        return wrong

    def reject(self, raw: pl.DataFrame) -> pl.DataFrame:
        """The wrong rows as they came, each with its number, reason codes and words in two languages."""
        wrong = self.any(raw.height)
        rows = raw.filter(wrong)
        flags = pl.DataFrame([mask.filter(wrong).alias(str(n)) for n, mask in enumerate(self.masks.values())])
        return rejected(rows, flags, list(self.masks))


def rejected(rows: pl.DataFrame, flags: pl.DataFrame, reasons: Iterable[Reason]) -> pl.DataFrame:
    """The rows, with the reasons whose flag (a column each, named by place) is set."""
    said = [
        (str(n), reason, row_reason(reason.code, reason.column, reason.other, reason.allowed))
        for n, reason in enumerate(reasons)
    ]

    def joined(text: Mapping[str, str], separator: str) -> pl.Expr:
        parts = [pl.when(pl.col(name)).then(pl.lit(text[name])) for name, _, _ in said]
        return pl.concat_str(parts, separator=separator, ignore_nulls=True)

    words = flags.select(
        joined({name: reason.name for name, reason, _ in said}, ";").alias("_reasons"),
        joined({name: text.zh for name, _, text in said}, "；").alias("_why_zh"),
        joined({name: text.en for name, _, text in said}, "; ").alias("_why_en"),
    )
    return pl.concat([rows.select(pl.exclude(ROW)), rows.select(ROW), words], how="horizontal")
