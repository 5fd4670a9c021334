"""Empty files to fill in: a header a table, and the contracts in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from catalog.catalogue import Catalogue
from pipelines.ingest.contract import Column, Contract
from pipelines.ingest.run import contracts_for

_KINDS = {
    "id": "编号 / id",
    "word": "一个词 / one word",
    "text": "文字 / text",
    "choice": "选项 / one of",
    "integer": "整数 / whole number",
    "number": "数 / number",
    "boolean": "true, false",
    "date": "YYYY-MM-DD",
    "moment": "YYYY-MM-DDThh:mm:ss+08:00",
}


def write_templates(folder: Path, catalogue: Catalogue) -> tuple[Path, ...]:
    """Write `<table>.csv` with its header for every table, and `contracts.md`; the files written."""
    contracts = contracts_for(catalogue)
    written = [_write_header(folder, contract) for contract in contracts.values()]
    guide = folder / "contracts.md"
    guide.write_text("\n".join(_guide(contracts.values())), encoding="utf-8")
    return (*written, guide)


def _write_header(folder: Path, contract: Contract) -> Path:
    place = folder if contract.into else folder / "attributes"
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{contract.table}.csv"
    path.write_text(",".join(column.name for column in contract.columns) + "\r\n", encoding="utf-8-sig")
    return path


def _guide(contracts: Iterable[Contract]) -> Iterator[str]:
    yield "# 数据合同 / Data contracts\n"
    for contract in contracts:
        yield f"## {contract.table}: {contract.names.zh} / {contract.names.en}\n"
        yield f"Key: {', '.join(contract.key)}\n"
        yield "| column | empty? | type | values | 含义 | meaning |\n|---|---|---|---|---|---|"
        yield from (_line(column) for column in contract.columns)
        yield ""


def _line(column: Column) -> str:
    values = ", ".join(column.allowed) or column.references or column.unit or ""
    empty = "yes" if column.nullable else "no"
    cells = (column.name, empty, _KINDS[column.type], values, column.zh, column.en)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
