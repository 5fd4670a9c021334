"""From 14 to 18 somebody decides for themselves, but cannot begin to follow a delicate matter by its name."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from catalog.vocabulary import Delicacy, SubjectKind
from records.database import writing
from records.minors import note_births
from serving.inbox.titles import followed_names
from tests.serving.signing_in import SignedInClient


@pytest.mark.parametrize(
    ("born", "status"),
    [("2010-01-01", 422), ("2008-11-22", 422), ("2008-11-21", 200), ("1990-01-01", 200)],
    ids=["sixteen", "eighteen tomorrow", "eighteen today", "grown up"],
)
def test_who_is_under_eighteen_cannot_follow_delicate_matters(
    own_client: SignedInClient, born: str, status: int
) -> None:
    parts = own_client.app.state.parts  # type: ignore[attr-defined] # Starlette's, of which the client knows less
    birth = pl.DataFrame({"subject": ["c-zhao"], "born": [dt.date.fromisoformat(born)]})
    with writing(parts.engine) as connection:
        note_births(connection, birth, parts.desk.clock.on())
    known, kind = parts.catalogue, SubjectKind.CITIZEN
    own = [one for id_, one in known.items.items() if followed_names("item", id_, known, kind)]
    delicate = next(one.id for one in own if one.delicacy is Delicacy.SENSITIVE)
    plain = next(one.id for one in own if one.delicacy is Delicacy.NORMAL)
    base = "/v1/citizens/c-zhao/subscriptions"
    assert own_client.put(f"{base}/item/{plain}", json={"lead_days": []}).status_code == 200
    answer = own_client.put(f"{base}/item/{delicate}", json={"lead_days": []})
    assert answer.status_code == status, answer.text
    followed = [one["target"] for one in own_client.get(base).json()["subscriptions"]]
    assert (delicate in followed) is (status == 200)
