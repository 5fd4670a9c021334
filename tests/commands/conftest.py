"""What is printed at the keyboard is read by tests as on a wide terminal."""

from __future__ import annotations

import pytest

from commands.console import ERR, OUT


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A console keeps the width it found when it was made, and whoever imports it first decides when."""
    for console in (OUT, ERR):
        monkeypatch.setattr(console, "_width", 200)
