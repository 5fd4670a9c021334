"""Who consented to what, when, and who took it back: a knob of the world."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from pipelines.city.block import Block
from pipelines.city.identities import subject_ids
from pipelines.city.journal import DAY_MICROSECONDS
from pipelines.city.randomness import Bools, Ints
from pipelines.city.scope_state import day_number
from pipelines.city.tables import MOMENT
from pipelines.city.world_knobs import ConsentMix
from privacy.policy_file import default_policy
from privacy.purposes import CONSULTATIONS, RATINGS, Basis, attribute_target

BEFORE_LOG = 30
"""Days before the log begins by which the initial consents were given."""

_GIVEN: dict[str, Any] = {
    "subject": pl.String, "granted_at": MOMENT, "withdrawn_at": MOMENT, "purpose": pl.String,
    "target": pl.String, "text_version": pl.String,
}  # fmt: skip


def targets(catalogue: Catalogue, kind: SubjectKind, purpose: str) -> tuple[str, ...]:
    """What a consent to a purpose may range over; statistics need ordinary data alone."""
    attributes = [a for a in catalogue.attributes.values() if a.subject == kind]
    groups = {a.consent_group for a in attributes} - {None}
    papers = {paper.consent_group for paper in catalogue.evidence_types.values()} & groups
    if purpose == "aggregate":
        return ("attributes:ordinary", "evidence:ordinary", "interactions")
    named = [f"attributes:{group}" for group in sorted({"ordinary", "declared", *map(str, groups)})]
    delicate = default_policy().delicacy_groups.values() if kind is SubjectKind.CITIZEN else ()
    named += [f"evidence:{group}" for group in sorted({"ordinary", *map(str, papers), *delicate})]
    secrets = default_policy().secrets.values() if kind is SubjectKind.ENTERPRISE else ()
    grants = [attribute_target(mandate.consent_group) for mandate in secrets if mandate.consent_group]
    return (*named, "interactions", *grants)


def told_targets(purpose: str) -> tuple[str, ...]:
    """What else a consent to a purpose ranges over: what was asked and how services were rated."""
    rules = {CONSULTATIONS: default_policy().consultations, RATINGS: default_policy().ratings}
    return tuple(
        target
        for target, of_target in rules.items()
        if not any(rule.purpose == purpose and rule.basis is Basis.NEVER for rule in of_target)
    )


def consents(block: Block) -> pl.DataFrame:
    """The consent table of a block."""
    mixes = list(block.setting.world.consents.values())
    rng = block.rng("consents")
    rows = np.flatnonzero(block.remaining)
    shares = np.array([mix.share for mix in mixes])
    chosen = rng.choice(len(mixes), size=block.subjects.rows, p=shares / shares.sum())[rows]
    chosen[block.curated[rows]] = 0
    told = block.rng("consents-told")
    frames = [_given(block, mix, rows[chosen == n], rng, told) for n, mix in enumerate(mixes)]
    return pl.concat(frames)


def _given(
    block: Block, mix: ConsentMix, rows: Ints, rng: np.random.Generator, told: np.random.Generator
) -> pl.DataFrame:
    """What people of one mix said yes to; `told` draws for what was asked and thought alone."""
    setting = block.setting
    ids = subject_ids(setting.seed, block.kind, block.first_index + rows)
    start = day_number(setting.log_from) * DAY_MICROSECONDS
    given_at = start - (rng.random(len(rows)) * BEFORE_LOG * DAY_MICROSECONDS).astype(np.int64) - 1_000_000
    span = (day_number(setting.as_of) - day_number(setting.log_from)) * DAY_MICROSECONDS
    frames = []
    for purpose in mix.purposes:
        asked = [(target, rng) for target in targets(setting.catalogue, block.kind, purpose)]
        asked += [(target, told) for target in told_targets(purpose)]
        for target, draw in asked:
            said = (
                draw.random(len(rows)) < mix.groups
                if mix.groups < 1.0
                else np.ones(len(rows), dtype=np.bool_)
            )
            unsaid = draw.random(len(rows)) < mix.withdraws
            gone = given_at + (draw.random(len(rows)) * span).astype(np.int64)
            frames.append(
                pl.DataFrame(
                    {
                        "subject": ids[said],
                        "granted_at": pl.Series(given_at[said]).cast(MOMENT),
                        "withdrawn_at": _or_null(gone[said], unsaid[said]),
                    }
                ).with_columns(
                    purpose=pl.lit(purpose),
                    target=pl.lit(target),
                    text_version=pl.lit(setting.world.consent_texts),
                )
            )
    return pl.concat([pl.DataFrame(schema=_GIVEN), *frames])


def _or_null(moments: Ints, kept: Bools) -> pl.Series:
    values = pl.Series(moments).cast(MOMENT)
    return pl.select(pl.when(pl.Series(kept)).then(values).otherwise(None).cast(MOMENT)).to_series()
