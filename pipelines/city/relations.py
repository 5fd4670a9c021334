"""Who is married to whom, who cares for whose child, whose firm it is, who works where."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.vocabulary import SubjectKind
from pipelines.city.block import Block, Setting
from pipelines.city.identities import item_ids, subject_ids
from pipelines.city.randomness import Bools, Ints
from pipelines.city.tables import SCHEMAS

ADULT_DAYS = round(18 * 365.2425)


def family_relations(block: Block) -> pl.DataFrame:
    """Spouses, both ways, and the guardian who does not own the child's scope item."""
    here = block.remaining
    married = (
        block.subjects.types["marital_status"].allowed.index("married") if _knows_marriage(block) else -1
    )
    husband = np.flatnonzero((block.spouse >= 0) & here)
    other = block.spouse[husband]
    still = here[other]
    if married >= 0:
        status = block.subjects.columns["marital_status"]
        still &= (status[husband] == married) & (status[other] == married)
    spouses = _table(_ids(block, husband[still]), _ids(block, other[still]), "spouse", None)
    children = block.states["child"]
    rows = np.array(sorted(block.guardian), dtype=np.int64)
    parents = np.array([block.guardian[int(child)] for child in rows], dtype=np.int64)
    owner = children.owner[rows] if len(rows) else rows
    known = here[parents] & here[owner] if len(rows) else np.zeros(0, dtype=np.bool_)
    scope = item_ids(block, "child", rows[known])
    return pl.concat(
        [spouses, _table(_ids(block, parents[known]), _ids(block, owner[known]), "guardian", scope)]
    )


def business_relations(setting: Setting, firms: int, adults: Ints) -> pl.DataFrame:
    """One owner a firm, its legal representative too, and for some a member of staff who may act for it."""
    if not len(adults) or not firms:
        return pl.DataFrame(schema=SCHEMAS["relations"])
    rng = setting.rng("business-relations")
    firm = subject_ids(setting.seed, SubjectKind.ENTERPRISE, np.arange(firms))
    owner = _citizens(setting, adults[rng.integers(0, len(adults), firms)])
    clerk = _citizens(setting, adults[rng.integers(0, len(adults), firms)])
    acts = (rng.random(firms) < 0.3) & (clerk != owner)
    return pl.concat(
        [
            _table(owner, firm, "owner", None),
            _table(owner, firm, "legal_representative", None),
            _table(clerk[acts], firm[acts], "staff", None),
        ]
    )


def adults_of(block: Block) -> Ints:
    """Index in the city of those of age who are still there."""
    state = block.subjects
    if "birth_date" not in state.columns:
        return np.zeros(0, dtype=np.int64)
    limit = (block.setting.log_from - dt.date(1970, 1, 1)).days - ADULT_DAYS
    grown: Bools = state.columns["birth_date"] <= limit
    return block.first_index + np.flatnonzero(grown & block.remaining)


def _knows_marriage(block: Block) -> bool:
    return "marital_status" in block.subjects.columns


def _ids(block: Block, rows: Ints) -> npt.NDArray[np.str_]:
    return subject_ids(block.setting.seed, block.kind, block.first_index + rows)


def _citizens(setting: Setting, index: Ints) -> npt.NDArray[np.str_]:
    return subject_ids(setting.seed, SubjectKind.CITIZEN, index)


def _table(
    subject: npt.NDArray[np.str_], other: npt.NDArray[np.str_], kind: str, scope: npt.NDArray[np.str_] | None
) -> pl.DataFrame:
    frame = pl.DataFrame({"subject": subject, "other": other})
    frame = frame.with_columns(
        pl.lit(kind).alias("kind"),
        (pl.lit(None, dtype=pl.String) if scope is None else pl.Series("scope", scope)).alias("scope"),
        pl.lit(None, dtype=pl.Date).alias("valid_from"),
        pl.lit(None, dtype=pl.Date).alias("valid_to"),
    )
    return frame.select([pl.col(name).cast(dtype) for name, dtype in SCHEMAS["relations"].items()])
