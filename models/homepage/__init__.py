"""The only place where the decided and the learned meet: one subject's homepage, and its policy package."""

from models.homepage.arrangement import Page, arrange, theme_of
from models.homepage.composition import Signaller, compose
from models.homepage.general import GeneralPage, general_page
from models.homepage.learned import Champions, LearnedSignals, theme_of_item
from models.homepage.package import package_for

__all__ = [
    "Champions",
    "GeneralPage",
    "LearnedSignals",
    "Page",
    "Signaller",
    "arrange",
    "compose",
    "general_page",
    "package_for",
    "theme_of",
    "theme_of_item",
]
