"""Rows go in and come out of either database as the columns they were."""

from __future__ import annotations

import datetime as dt
import uuid

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sqlalchemy import Engine, insert, select

from records.bulk import insert_rows, read_rows, rows_with_keys, schema_of, update_rows
from records.database import reading, writing
from records.tables import consent, evidence, inbox, interaction, scope_item, subject

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
moments = st.timedeltas(dt.timedelta(-40_000), dt.timedelta(60_000)).map(NOON.__add__)
interactions = st.lists(
    st.fixed_dictionaries(
        {
            "query": st.none() | words,
            "position": st.none() | st.integers(0, 2**31 - 1),
            "propensity": st.none() | st.floats(1e-300, 1),
            "at": moments,
        }
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(interactions)
def test_rows_come_back_as_they_went_in(engine: Engine, drawn: list[dict[str, object]]) -> None:
    owner = uuid.uuid4().hex
    rows = [
        {"client_id": f"{owner}-{n}", "subject": owner, "kind": "search", **row}
        for n, row in enumerate(drawn)
    ]
    types = schema_of(interaction)
    frame = pl.DataFrame(rows, schema={name: types[name] for name in types if not rows or name in rows[0]})
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id=owner, kind="citizen"))
        insert_rows(connection, interaction, frame)
    columns = [interaction.c[name] for name in frame.columns]
    with reading(engine) as connection:
        back = read_rows(connection, select(*columns).where(interaction.c.subject == owner))
    assert_frame_equal(back, frame, check_row_order=False)
    assert back.schema == frame.schema


def test_dates_booleans_and_documents_keep_their_meaning(engine: Engine) -> None:
    due = dt.date(2026, 4, 1)
    told = {"subject": "s1", "kind": "reminder", "missing": ["身份证"], "reason_code": "due"}
    texts = {"reason_zh": "到期", "reason_en": "due", "catalogue_version": "v", "created_at": NOON}
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="s1", kind="citizen"))
        connection.execute(
            insert(inbox).values(key="a", ready=True, due_on=dt.date(2026, 4, 1), **told, **texts)
        )
        connection.execute(insert(inbox).values(key="b", ready=False, **told, **texts))
        connection.execute(insert(inbox).values(key="c", **told, **texts))
    with reading(engine) as connection:
        columns = (inbox.c.ready, inbox.c.due_on, inbox.c.missing)
        back = read_rows(connection, select(*columns).order_by(inbox.c.key))
    assert back["ready"].to_list() == [True, False, None]
    assert back["due_on"].to_list() == [due, None, None]
    assert back["missing"].str.json_decode(pl.List(pl.String)).to_list() == [["身份证"]] * 3


def test_rows_are_found_by_key(engine: Engine) -> None:
    people = pl.DataFrame({"id": [f"s{n}" for n in range(500)], "kind": ["citizen"] * 500})
    with writing(engine) as connection:
        insert_rows(connection, subject, people)
        wanted = pl.DataFrame({"id": ["s3", "s499", "nobody"]})
        found = rows_with_keys(connection, subject, wanted)
        again = rows_with_keys(connection, subject, wanted.clear())
    assert sorted(found["id"]) == ["s3", "s499"]
    assert again.is_empty()
    assert again.schema == schema_of(subject)


def test_rows_are_changed_by_key_and_no_others(engine: Engine) -> None:
    grants = pl.DataFrame(
        {
            "subject": ["s1", "s2"],
            "purpose": ["rank", "rank"],
            "target": ["interactions", "interactions"],
            "granted_at": [NOON, NOON],
            "withdrawn_at": [None, None],
            "text_version": ["1", "1"],
        },
        schema=schema_of(consent),
    )
    withdrawn = grants.head(1).with_columns(withdrawn_at=NOON + dt.timedelta(days=1))
    with writing(engine) as connection:
        insert_rows(connection, subject, pl.DataFrame({"id": ["s1", "s2"], "kind": ["citizen"] * 2}))
        insert_rows(connection, consent, grants)
        update_rows(connection, consent, withdrawn)
        back = read_rows(connection, select(consent).order_by(consent.c.subject))
    assert_frame_equal(back, pl.concat([withdrawn, grants.tail(1)]))


def test_dates_may_be_missing(engine: Engine) -> None:
    papers = pl.DataFrame(
        {
            "id": ["e1", "e2"],
            "scope_item": ["s1", "s1"],
            "type": ["licence", "licence"],
            "valid_from": [dt.date(2020, 2, 29), None],
            "valid_to": [None, None],
            "source": ["authority", "upload"],
        },
        schema=schema_of(evidence),
    )
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="s1", kind="citizen"))
        connection.execute(insert(scope_item).values(id="s1", scope="self", owner="s1"))
        insert_rows(connection, evidence, papers)
        assert_frame_equal(read_rows(connection, select(evidence).order_by(evidence.c.id)), papers)
