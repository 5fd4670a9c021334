"""What a reminder would have changed: latent responses, and both outcomes of every pair."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.city.block import Setting
from pipelines.city.randomness import Floats, key_of, mix

RESPONSES = ("indifferent", "persuadable", "put_off")


def potential_outcomes(setting: Setting, expected: pl.DataFrame) -> pl.DataFrame:
    """For pairs with `omniscient` and `used`: the response, both probabilities, both outcomes.

    The persuadable are lifted towards use when reminded once at the start; the put off turn away;
    nobody else changes. `used_without` is what happened, for no reminder was ever sent.
    """
    knobs = setting.world.truth.reminders
    draw, luck = _uniforms(setting, expected, "response"), _uniforms(setting, expected, "luck")
    response = np.where(draw < knobs.persuadable, 1, np.where(draw < knobs.persuadable + knobs.put_off, 2, 0))
    without = expected["omniscient"].to_numpy().astype(np.float64)
    lifted = without + (1.0 - without) * knobs.lift
    reminded = np.select([response == 1, response == 2], [lifted, 0.2 * without], without)
    used = expected["used"].to_numpy()
    # Coupled outcomes: a lift only turns some who did not use, being put off only some who did.
    turned = np.where(without < 1.0, (reminded - without) / np.maximum(1.0 - without, 1e-9), 0.0)
    kept = np.where(without > 0.0, reminded / np.maximum(without, 1e-9), 1.0)
    used_with = np.where(used, luck < np.minimum(kept, 1.0), luck < np.maximum(turned, 0.0))
    return expected.select("subject", "scope_item", "item").with_columns(
        pl.Series("response", np.array(RESPONSES)[response]),
        pl.Series("without", without),
        pl.Series("reminded", reminded),
        pl.Series("used_without", used),
        pl.Series("used_with", used_with),
    )


def _uniforms(setting: Setting, pairs: pl.DataFrame, purpose: str) -> Floats:
    """One fixed uniform a pair, from its ids alone."""
    keys = [key_of(setting.seed, purpose, item) for item in pairs["item"].unique(maintain_order=True)]
    names = pairs["item"].unique(maintain_order=True).to_list()
    salt = pl.DataFrame({"item": pl.Series(names, dtype=pl.String), "salt": pl.Series(keys, dtype=pl.UInt64)})
    salts = pairs.select("item").join(salt, on="item", how="left")["salt"].to_numpy()
    digits = pairs["scope_item"].str.slice(2).str.to_integer(base=16, dtype=pl.UInt64).to_numpy()
    words = mix(digits ^ salts, key_of(setting.seed, purpose))
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
