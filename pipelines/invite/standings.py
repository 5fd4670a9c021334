"""Where many subjects stand as far as reminders may know: on columns, by the code of the city run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from catalog.vocabulary import SubjectKind
from models.recommendation import Entry, Standing
from pipelines.invite.ground import Ground
from pipelines.invite.let import NOTHING, Let, let_by
from pipelines.score.ground import PURPOSE
from pipelines.score.ground import Ground as Scored
from pipelines.score.row_entries import entry_of_row
from pipelines.score.rows import standings_and_entries
from records.invitation_answers import Invitation
from records.partitions import slice_of

Matter = tuple[str, str, str]
"""A scope item, an item and a cycle."""
MATTER = ("scope_item", "item", "cycle")


@dataclass(frozen=True, slots=True)
class Stood:
    """Where one subject stands."""

    entries: tuple[Entry, ...] = ()
    """All that holds, was begun or comes by time alone; what is only undetermined is never proposed."""
    items: frozenset[str] = frozenset()
    """The items of every standing, undetermined ones too."""
    undetermined: Mapping[Matter, Entry] | None = None
    """Of what invitations were made of, that which is undetermined by now."""
    let: Let = NOTHING
    """What the round was let know when this was judged."""

    def entry(self, one: Invitation) -> Entry | None:
        """Where the subject stands with the matter of an invitation; None where it is no longer so."""
        matter = (one.scope_item, one.item, one.cycle)
        for entry in self.entries:
            if (entry.scope_item, entry.item, entry.cycle) == matter:
                return entry
        return (self.undetermined or {}).get(matter)


def stood(
    ground: Ground,
    connection: Connection,
    kind: SubjectKind,
    subjects: Sequence[str],
    made: Collection[Invitation],
) -> dict[str, Stood]:
    """By subject; those with no standing at all stand nowhere. `made` are their open invitations."""
    if not subjects:
        return {}
    # Read before the records, so that what changes in between counts as changed.
    let = let_by(connection, subjects)
    held = slice_of(connection, kind, pl.Series(subjects, dtype=pl.String), PURPOSE)
    frame, entries = standings_and_entries(Scored(kind, ground.rules, held, {}, ground.at))
    items = dict(frame.group_by("subject").agg(pl.col("item").unique()).iter_rows())
    waiting = _of_invitations(frame, made)
    return {
        subject: Stood(
            tuple(entries.get(subject, ())),
            frozenset(items.get(subject, ())),
            waiting.get(subject),
            let[subject],
        )
        for subject in subjects
    }


def _of_invitations(frame: pl.DataFrame, made: Collection[Invitation]) -> dict[str, dict[Matter, Entry]]:
    """The standings that open invitations are about and that are undetermined, by subject and matter."""
    asked = pl.DataFrame(
        [(one.scope_item, one.item, one.cycle) for one in made],
        schema=dict.fromkeys(MATTER, pl.String()),
        orient="row",
    ).unique()
    undetermined = frame.filter(pl.col("standing") == Standing.NEEDS_INFORMATION.value)
    found: dict[str, dict[Matter, Entry]] = {}
    for row in undetermined.join(asked, on=MATTER, how="semi").iter_rows(named=True):
        found.setdefault(row["subject"], {})[row["scope_item"], row["item"], row["cycle"]] = entry_of_row(row)
    return found
