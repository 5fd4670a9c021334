"""The daily difference: who entered or left a standing or a window since the city was told last."""
