"""A profile holds what the records and the registers hold of one subject, and nobody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest
from sqlalchemy import Engine, insert

from catalog.vocabulary import Scope, SubjectKind
from features.schema import Case, Evidence, Interaction, Relation, Value
from privacy.consent import Consent
from records.consents import consents_of, consents_table
from records.database import writing
from records.populations import record_tables
from records.profiles import ProfileReader
from records.subjects import UnknownSubject, count_subjects, iter_subjects, subjects_page
from records.tables import case, consent, evidence, interaction, relation, scope_item, subject

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


class Registers:
    """Registers that speak of what they were told of, and remember what they were asked."""

    def __init__(self, spoken: dict[str, dict[str, Value]]) -> None:
        self.spoken = spoken
        self.asked: list[tuple[SubjectKind, Mapping[Scope, Sequence[str]]]] = []

    def read(
        self, kind: SubjectKind, scope_items: Mapping[Scope, Sequence[str]], /
    ) -> Mapping[str, tuple[Mapping[str, Value], Mapping[str, dt.datetime]]]:
        self.asked.append((kind, scope_items))
        named = {name for names in scope_items.values() for name in names}
        return {
            name: (said, {"public-security": NOON}) for name, said in self.spoken.items() if name in named
        }


@pytest.fixture(autouse=True)
def _town(engine: Engine) -> None:
    people = [{"id": f"c{n}", "kind": "citizen"} for n in range(1, 6)] + [{"id": "e1", "kind": "enterprise"}]
    items = [{"id": p["id"], "scope": "self", "owner": p["id"], "label": None} for p in people[:-1]]
    items += [
        {"id": "car", "scope": "vehicle", "owner": "c1", "label": "京A12345"},
        {"id": "kid", "scope": "child", "owner": "c1", "label": "小满"},
        {"id": "kid2", "scope": "child", "owner": "c2", "label": None},
    ]
    with writing(engine) as connection:
        connection.execute(insert(subject), people)
        connection.execute(insert(scope_item), items)
        for item in ("kid", "kid2"):
            paper = {"id": f"p-{item}", "scope_item": item, "type": "birth-cert", "source": "authority"}
            run = {"id": f"k-{item}", "scope_item": item, "item": "birth", "cycle": "once", "status": "open"}
            connection.execute(insert(evidence).values(**paper))
            connection.execute(insert(case).values(**run, opened_at=NOON))
        for n in range(4):
            connection.execute(
                insert(interaction).values(client_id=f"i{n}", subject="c1", kind="view", at=NOON + n * HOUR)
            )
        for of, to, scope in (("c1", "c2", "*"), ("c3", "c1", "health"), ("c3", "c4", "*")):
            connection.execute(insert(relation).values(subject=of, other=to, kind="proxy", scope=scope))
        grant = {"target": "interactions", "text_version": "1"}
        connection.execute(insert(consent).values(subject="c1", purpose="rank", granted_at=NOON, **grant))
        connection.execute(insert(consent).values(subject="c2", purpose="train", granted_at=NOON, **grant))


def test_a_profile_is_whole_and_only_the_subjects_own(engine: Engine) -> None:
    registers = Registers({"c1": {"age_band": "adult"}, "kid": {"child_first": True}, "c2": {"x": 1.0}})
    profile = ProfileReader(engine, registers, recent=3).read("c1")
    assert (profile.subject, profile.kind) == ("c1", SubjectKind.CITIZEN)
    myself, kid, car = profile.scope_items
    assert (myself.id, myself.scope, myself.attributes) == ("c1", Scope.SELF, {"age_band": "adult"})
    assert (kid.id, kid.label, kid.owner, kid.attributes) == ("kid", "小满", "c1", {"child_first": True})
    assert kid.as_of == {"public-security": NOON}
    assert kid.evidence == (Evidence("p-kid", "kid", "birth-cert", None, None, "authority"),)
    assert kid.cases == (Case("k-kid", "kid", "birth", "once", "open", None, NOON, None),)
    assert (car.id, car.attributes, car.as_of, car.evidence, car.cases) == ("car", {}, {}, (), ())
    assert profile.interactions == tuple(Interaction(f"i{n}", "view", NOON + n * HOUR) for n in (3, 2, 1))
    assert profile.relations == (
        Relation("c1", "c2", "proxy", None, None, None),
        Relation("c3", "c1", "proxy", "health", None, None),
    )
    assert registers.asked == [
        (SubjectKind.CITIZEN, {Scope.SELF: ["c1"], Scope.CHILD: ["kid"], Scope.VEHICLE: ["car"]})
    ]


def test_a_subject_without_a_row_of_its_own_still_comes_first(engine: Engine) -> None:
    [itself] = ProfileReader(engine, Registers({})).read("e1").scope_items
    assert (itself.id, itself.scope, itself.owner) == ("e1", Scope.SELF, "e1")


def test_nobody_is_an_error_that_says_so(engine: Engine) -> None:
    with pytest.raises(UnknownSubject, match="nobody"):
        ProfileReader(engine, Registers({})).read("nobody")


def test_consents_are_read_afresh(engine: Engine) -> None:
    given = Consent("c1", "rank", "interactions", NOON, None, "1")
    with writing(engine) as connection:
        assert consents_of(connection, "c1") == (given,)
        connection.execute(consent.update().where(consent.c.subject == "c1").values(withdrawn_at=NOON + HOUR))
        assert consents_of(connection, "c1")[0].withdrawn_at == NOON + HOUR
        assert consents_of(connection, "c5") == ()
        assert sorted(consents_table(connection, SubjectKind.CITIZEN)["subject"]) == ["c1", "c2"]
        assert list(consents_table(connection, SubjectKind.CITIZEN, first="c2")["subject"]) == ["c2"]


def test_pages_walk_every_subject_once_in_order(engine: Engine) -> None:
    with writing(engine) as connection:
        assert subjects_page(connection, SubjectKind.CITIZEN, after="c2", size=2) == ("c3", "c4")
        pages = list(iter_subjects(connection, SubjectKind.CITIZEN, size=2))
        assert pages == [("c1", "c2"), ("c3", "c4"), ("c5",)]
        assert count_subjects(connection, SubjectKind.CITIZEN) == 5
        assert count_subjects(connection, SubjectKind.ENTERPRISE) == 1


def test_population_tables_hold_what_profiles_hold(engine: Engine) -> None:
    reader = ProfileReader(engine, Registers({}))
    with writing(engine) as connection:
        tables = record_tables(connection, SubjectKind.CITIZEN)
        part = record_tables(connection, SubjectKind.CITIZEN, "c1", "c1", since=NOON + 2 * HOUR)
    profiles = [reader.read(f"c{n}") for n in range(1, 6)]
    items = [item for profile in profiles for item in profile.scope_items]
    assert sorted(tables.scope_items.rows()) == sorted((i.id, i.scope, i.owner, i.label) for i in items)
    papers = [paper for item in items for paper in item.evidence]
    assert sorted(tables.evidence["id"]) == sorted(paper.id for paper in papers)
    assert sorted(tables.cases["id"]) == ["k-kid", "k-kid2"]
    assert sorted(tables.relations["scope"].fill_null("")) == ["", "", "health"]
    assert tables.interactions.height == 4
    assert sorted(part.scope_items["id"]) == ["c1", "car", "kid"]
    assert sorted(part.interactions["client_id"]) == ["i2", "i3"]
