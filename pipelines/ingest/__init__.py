"""The operator's door: tables of CSV or Parquet, checked against written contracts."""

from __future__ import annotations

from pipelines.ingest.report import FileFault, FileReport, IngestRefused, IngestReport, TableReport
from pipelines.ingest.run import Progress, contracts_for, ingest
from pipelines.ingest.templates import write_templates

__all__ = [
    "FileFault",
    "FileReport",
    "IngestRefused",
    "IngestReport",
    "Progress",
    "TableReport",
    "contracts_for",
    "ingest",
    "write_templates",
]
