"""What several audiences together tell: a few are not to be had by adding and subtracting counts."""

from __future__ import annotations

from pathlib import Path

from records.database import engine_for
from tests.pipelines.campaign.asked import OLD, YOUNG, consenting_town, preview
from tests.pipelines.catalogue_change.town import Person

WOMEN, HERE, AGED = "sex = 'female'", "hukou = 'BJ'", "age >= 60"
MANY, FEW = 50, 4


def test_four_audiences_that_together_tell_of_a_few_are_not_all_told(tmp_path: Path) -> None:
    kinds = [(OLD, "BJ", MANY), (YOUNG, "BJ", MANY), (OLD, "other", MANY), (YOUNG, "other", FEW)]
    people = [
        Person(f"c{kind}-{n}", born, sex="female", hukou=hukou)
        for kind, (born, hukou, count) in enumerate(kinds)
        for n in range(count)
    ]
    people += [Person(f"d{n}", YOUNG, sex="male") for n in range(2 * MANY)]
    town = consenting_town(tmp_path, people)
    engine = engine_for(town.settings.records_url)
    both = f"{WOMEN} AND {HERE} AND {AGED}"
    assert preview(town, engine, WOMEN) == 3 * MANY, "154 women, in whole tens"
    assert preview(town, engine, f"{WOMEN} AND {HERE}") == 2 * MANY
    assert preview(town, engine, f"{WOMEN} AND {AGED}") == 2 * MANY
    assert preview(town, engine, both) is None, "all women, less two lots, and these: four"
    assert preview(town, engine, f"{WOMEN} AND ({HERE} OR {AGED})") is None, "all but four"
    assert preview(town, engine, "sex = 'male'") == 2 * MANY, "what is not told takes nothing from others"
    engine.dispose()
