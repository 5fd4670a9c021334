"""The only place where the decided and the learned meet: one subject's homepage, and its policy package."""

from models.homepage.arrangement import RULES, Ordering, Page, arrange, theme_of
from models.homepage.composition import Ranker, compose
from models.homepage.package import package_for

__all__ = ["RULES", "Ordering", "Page", "Ranker", "arrange", "compose", "package_for", "theme_of"]
