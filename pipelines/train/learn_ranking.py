"""`page-ranking`: how likely each entry of a page is to be taken up within a quarter."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from catalog.vocabulary import SubjectKind
from models.homepage import LearnedSignals
from models.ranking.fitting import TooFewTakenUp, fit_use
from models.ranking.use_model import KIND, UseModel, save_use_models
from models.standing.working_days import published_calendar
from pipelines.train.early_champions import early_champions
from pipelines.train.ground import Ground
from pipelines.train.learned import PYFUNCS, Learned, TooLittleToLearn
from pipelines.train.past_pages import QUARTER, PastPages
from pipelines.train.recipe import RANKING, Recipe

Grounds = Mapping[SubjectKind, Ground]


def learn_ranking(grounds: Grounds, recipe: Recipe, on: dt.date, seed: int) -> Learned:
    """Learn until the holdout begins, each kind of subject apart. Raises TooLittleToLearn if none can be."""
    until = on - dt.timedelta(days=recipe.holdout_days(RANKING))
    first = min(ground.first_day for ground in grounds.values())
    days = example_days(first, until, recipe.ranking.step_days)
    if not days:
        raise TooLittleToLearn(f"the records from {first} to {until} are too short to learn an order from")
    early, left_out = early_champions(grounds, recipe, days[0] - dt.timedelta(days=1), seed)
    calendar = published_calendar()
    found: dict[SubjectKind, UseModel] = {}
    metrics: dict[str, float] = {}
    for kind, ground in grounds.items():
        past = PastPages(ground, LearnedSignals(early, ground.catalogue), calendar)
        examples = list(past.examples(days, recipe.ranking.pages[kind], seed))
        metrics[f"learned.{kind}.entries"] = float(len(examples))
        metrics[f"learned.{kind}.taken_up"] = float(sum(one.taken_up for one in examples))
        try:
            found[kind] = fit_use(examples, recipe.ranking.fit)
        except TooFewTakenUp as few:
            left_out[str(kind)] = str(few)
            continue
        metrics[f"learned.{kind}.terms"] = float(len(found[kind].weights))
    if not found:
        raise TooLittleToLearn("; ".join(f"{what}: {why}" for what, why in left_out.items()))
    return Learned(
        model=RANKING,
        kind=KIND,
        feature_service="affinity_v1",
        pyfunc=PYFUNCS / "page_ranking.py",
        save=lambda folder, manifest: save_use_models(folder, found, manifest),
        trained_to=until,
        metrics=metrics,
        parameters={"first_page": days[0].isoformat(), "days": str(len(days))},
        left_out=left_out,
        example={
            "kind": str(next(iter(found))),
            "terms": json.dumps({"what:always": 1.0, "effort:ready": 1.0}),
        },
        answer={"chance": 0.1, "by_family": "{}"},
    )


def example_days(first: dt.date, until: dt.date, step: int) -> tuple[dt.date, ...]:
    """Days whose quarter lies within what is recorded, ascending: of the last year, or the later half.

    What comes before them is left to the models whose signals are learned from.
    """
    last = until + dt.timedelta(days=1) - QUARTER
    span = min((until - first) / 2, dt.timedelta(days=365))
    earliest = until - span
    count = (last - earliest).days // step + 1 if last >= earliest else 0
    return tuple(last - dt.timedelta(days=step * back) for back in reversed(range(count)))
