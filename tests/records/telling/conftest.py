"""Records with two people to tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, insert

from records.database import writing
from records.tables import scope_item, subject


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as made:
        for one in ("c1", "c2"):
            made.execute(insert(subject).values(id=one, kind="citizen"))
            made.execute(insert(scope_item).values(id=one, scope="self", owner=one))
        yield made
