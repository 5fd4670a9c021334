"""The catalogue as it ships, read once."""

from __future__ import annotations

from pathlib import Path

import catalog
from catalog.loader import load_catalogue

CATALOGUE = load_catalogue(Path(catalog.__file__).parent / "data")
