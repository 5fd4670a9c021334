"""The templates are what the door takes."""

from __future__ import annotations

from pipelines.ingest import contracts_for, write_templates
from tests.pipelines.ingest.conftest import Desk


def test_empty_templates_are_taken_as_they_are(desk: Desk) -> None:
    *tables, guide = write_templates(desk.folder, desk.catalogue)
    assert [path.stem for path in tables] == list(contracts_for(desk.catalogue))
    report = desk.ingest()
    assert len(report.files) == len(tables)
    assert all(one.read == 0 for one in report.files)
    assert report.ignored == ("contracts.md",)
    text = guide.read_text(encoding="utf-8")
    for contract in contracts_for(desk.catalogue).values():
        assert f"## {contract.table}:" in text
        for column in contract.columns:
            assert f"| {column.name} |" in text
