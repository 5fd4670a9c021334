"""The words for what is wrong, in both languages, kept beside their codes in YAML."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec

from catalog.vocabulary import Names
from pipelines.ingest.report import FileFault


def file_fault(file: str, code: str, names: str = "", known: str = "") -> FileFault:
    """What is wrong with a file, naming names."""
    words = _words("file_faults.yaml")[code]
    filled = Names(zh=words.zh.format(names=names, known=known), en=words.en.format(names=names, known=known))
    return FileFault(file, code, filled)


def row_reason(code: str, column: str, other: str, allowed: str) -> Names:
    """What is wrong with a row."""
    words = _words("reasons.yaml")[code]
    filled = {"column": column, "other": other, "allowed": allowed}
    return Names(zh=words.zh.format(**filled), en=words.en.format(**filled))


@cache
def _words(file: str) -> dict[str, Names]:
    text = (resources.files("pipelines.ingest") / file).read_bytes()
    return msgspec.yaml.decode(text, type=dict[str, Names])
