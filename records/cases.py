"""Cases as their reports tell them: the state is that of the latest report, in whatever order they came."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, select, update

from features.schema import Case, CaseStatus
from records.insertion import insert_new
from records.interactions import ClientIdTaken, require_all_own
from records.tables import case as cases
from records.tables import case_report as reports

PRECEDENCE: Final[tuple[CaseStatus, ...]] = ("open", "self_declared", "succeeded", "failed", "withdrawn")
"""Of reports of one instant the one that stands further back holds: what ends, and what takes back."""
_CASE: Final = (
    *(cases.c.id, cases.c.scope_item, cases.c.item, cases.c.cycle),
    *(cases.c.status, cases.c.channel, cases.c.opened_at, cases.c.closed_at),
)


@dataclass(frozen=True, slots=True)
class CaseReport:
    """That a case came to a status at an (aware) instant; the sender's own id stands for the report."""

    client_id: str
    case: str
    scope_item: str
    item: str
    cycle: str
    status: CaseStatus
    at: dt.datetime
    channel: str | None = None


class CaseTaken(ClientIdTaken):
    """Cases whose id already stands for another matter."""


class ReportTaken(ClientIdTaken):
    """Reports whose client id already stands for another report."""


def append_reports(connection: Connection, sent: Sequence[tuple[str, CaseReport]]) -> set[str]:
    """Keep what is new of the reports on subjects' cases, and bring the cases to what follows; the new ids.

    ReportTaken, CaseTaken and ScopeItemNotTheirs name all that are at fault: the caller's transaction keeps
    nothing then.
    """
    require_all_own(connection, {(subject, one.scope_item) for subject, one in sent})
    told = [one for _, one in sent]
    _open_new(connection, told)
    held = _held(connection, {one.case for one in told})
    if taken := [one.case for one in told if not _same_matter(held[one.case], one)]:
        raise CaseTaken(taken)
    before = _reports(connection, held)
    added = insert_new(connection, reports, "client_id", [_row(one) for one in told])
    if len(added) < len(told):
        _refuse_other_bodies(connection, told)
    _bring_up_to_date(connection, held, before, [one for one in told if one.client_id in added])
    return added


def cases_with_ids(connection: Connection, ids: Collection[str]) -> tuple[Case, ...]:
    """Those of the cases that the records hold, in the order of their ids."""
    ordered = select(*_CASE).where(cases.c.id.in_(ids)).order_by(cases.c.id)
    return tuple(Case(*row) for row in connection.execute(ordered))


def follows(told: Iterable[CaseReport]) -> tuple[CaseStatus, str | None, dt.datetime, dt.datetime | None]:
    """The status, channel, opening and closing of a case that follow from all its reports, in any order.

    ValueError without a report.
    """
    ordered = sorted(told, key=_order)
    if not ordered:
        raise ValueError("nothing was reported of the case")
    last = ordered[-1]
    channel = next((one.channel for one in reversed(ordered) if one.channel is not None), None)
    return last.status, channel, ordered[0].at, None if last.status == "open" else last.at


def _order(report: CaseReport) -> tuple[dt.datetime, int, str]:
    return report.at, PRECEDENCE.index(report.status), report.client_id


def _open_new(connection: Connection, told: Sequence[CaseReport]) -> None:
    first: dict[str, CaseReport] = {}
    for one in told:
        first.setdefault(one.case, one)
    rows = [_case_row(_as_first_told(one)) for one in first.values()]
    insert_new(connection, cases, "id", rows)


def _as_first_told(one: CaseReport) -> Case:
    status, channel, opened_at, closed_at = follows([one])
    return Case(one.case, one.scope_item, one.item, one.cycle, status, channel, opened_at, closed_at)


def _case_row(case: Case) -> dict[str, Any]:
    return {column.name: getattr(case, column.name) for column in _CASE}


def _held(connection: Connection, ids: set[str]) -> dict[str, Case]:
    """The cases as they are, kept from others until the transaction ends."""
    ordered = select(*_CASE).where(cases.c.id.in_(ids)).order_by(cases.c.id).with_for_update()
    return {row.id: Case(*row) for row in connection.execute(ordered)}


def _same_matter(case: Case, one: CaseReport) -> bool:
    return (case.scope_item, case.item, case.cycle) == (one.scope_item, one.item, one.cycle)


def _reports(connection: Connection, held: Mapping[str, Case]) -> dict[str, list[CaseReport]]:
    found: dict[str, list[CaseReport]] = {id_: [] for id_ in held}
    r = reports.c
    statement = select(r.client_id, r.case, r.status, r.at, r.channel).where(r.case.in_(held))
    for client_id, id_, status, at, channel in connection.execute(statement):
        found[id_].append(_report(client_id, held[id_], status, at, channel))
    return found


def _report(
    client_id: str, case: Case, status: CaseStatus, at: dt.datetime, channel: str | None
) -> CaseReport:
    return CaseReport(client_id, case.id, case.scope_item, case.item, case.cycle, status, at, channel)


def _row(one: CaseReport) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("client_id", "case", "status", "channel", "at")}


def _refuse_other_bodies(connection: Connection, told: Sequence[CaseReport]) -> None:
    r = reports.c
    wanted = {one.client_id for one in told}
    statement = select(r.client_id, r.case, r.status, r.channel, r.at).where(r.client_id.in_(wanted))
    kept = {row.client_id: dict(row._mapping) for row in connection.execute(statement)}
    if taken := [one.client_id for one in told if kept[one.client_id] != _row(one)]:
        raise ReportTaken(taken)


def _bring_up_to_date(
    connection: Connection,
    held: Mapping[str, Case],
    before: Mapping[str, Sequence[CaseReport]],
    new: Sequence[CaseReport],
) -> None:
    by_case: dict[str, list[CaseReport]] = {}
    for one in new:
        by_case.setdefault(one.case, []).append(one)
    testimony = {id_: _unreported(held[id_], before[id_], told) for id_, told in by_case.items()}
    if rows := [_row(one) for said in testimony.values() for one in said]:
        insert_new(connection, reports, "client_id", rows)
    for id_, told in by_case.items():
        status, channel, opened_at, closed_at = follows([*before[id_], *testimony[id_], *told])
        found = replace(held[id_], status=status, channel=channel, opened_at=opened_at, closed_at=closed_at)
        if found != held[id_]:
            connection.execute(update(cases).where(cases.c.id == id_).values(_case_row(found)))


def _unreported(case: Case, before: Sequence[CaseReport], new: Sequence[CaseReport]) -> list[CaseReport]:
    """What the case itself says that no report told: a file, or the subject, brought it to where it is."""
    if _told_by(case, before) or (not before and case == _as_first_told(new[0])):
        return []
    return list(_testimony(case))


def _told_by(case: Case, told: Sequence[CaseReport]) -> bool:
    held = (case.status, case.channel, case.opened_at, case.closed_at)
    return bool(told) and follows(told) == held


def _testimony(case: Case) -> Iterator[CaseReport]:
    if case.status == "open" or (case.closed_at and case.opened_at < case.closed_at):
        yield _of_its_own(case, "open", case.opened_at)
    if case.status != "open":
        yield _of_its_own(case, case.status, case.closed_at or case.opened_at)


def _of_its_own(case: Case, status: CaseStatus, at: dt.datetime) -> CaseReport:
    key = "\x1f".join((case.id, status, at.isoformat(), case.channel or ""))
    client_id = f"record-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    return _report(client_id, case, status, at, case.channel)
