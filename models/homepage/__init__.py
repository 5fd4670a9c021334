"""The only place where the decided and the learned meet: one subject's homepage, and its policy package."""

from models.homepage.arrangement import Page, arrange, theme_of
from models.homepage.composition import Signaller, compose
from models.homepage.learned import Champions, LearnedSignals
from models.homepage.package import package_for

__all__ = [
    "Champions",
    "LearnedSignals",
    "Page",
    "Signaller",
    "arrange",
    "compose",
    "package_for",
    "theme_of",
]
