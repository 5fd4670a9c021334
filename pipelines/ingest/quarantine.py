"""Where rejected rows wait to be corrected: a CSV beside their reasons, ready to be handed back."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.ingest.masks import Masks, Reason, rejected
from pipelines.ingest.reading import ROW, RawTable

_MISFIT = Reason("wrong_field_count")


def rejected_rows(raw: RawTable, masks: Masks) -> pl.DataFrame:
    """All rows turned away, in file order, as they came, with `_row`, `_reasons`, `_why_zh`, `_why_en`."""
    torn = raw.misfits
    if torn.is_empty():
        return masks.reject(raw.frame)
    wrong = masks.reject(raw.frame) if masks.masks else raw.frame.clear()
    flags = pl.DataFrame({"0": pl.repeat(True, torn.height, eager=True)})
    misfits = rejected(torn.rename({"text": "_text"}), flags, [_MISFIT])
    return pl.concat([wrong, misfits], how="diagonal_relaxed").sort(ROW)


def reason_counts(raw: RawTable, masks: Masks) -> dict[str, int]:
    """Rejected rows by reason, the commonest first."""
    counts = {reason.name: int(mask.sum()) for reason, mask in masks.masks.items()}
    if not raw.misfits.is_empty():
        counts[_MISFIT.name] = raw.misfits.height
    return dict(sorted(counts.items(), key=lambda count: (-count[1], count[0])))


def write_quarantine(rows: pl.DataFrame, path: Path) -> None:
    """As CSV with a byte-order mark, so that spreadsheets read the Chinese."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.write_csv(path, include_bom=True)
