"""One block's months, in order: decisions take effect, lives unfold, people want, look, act and read."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from catalog.catalogue import Item
from models.standing.working_days import published_calendar
from pipelines.city import records
from pipelines.city.block import WARM_UP, Block
from pipelines.city.consents import consents
from pipelines.city.consultations import ask, consultations
from pipelines.city.decisions import CHANNELS, Decisions
from pipelines.city.demand import Demanded, Geometry, demanded, people
from pipelines.city.duties_met import duties_met
from pipelines.city.effects import Effects
from pipelines.city.foresight import Foresight, first_held_out
from pipelines.city.journal import Journal, Pages
from pipelines.city.journeys import Journeys
from pipelines.city.life import Life, Month
from pipelines.city.papers import Papers
from pipelines.city.population import tell_registers
from pipelines.city.randomness import Ints
from pipelines.city.registers import Registers
from pipelines.city.relations import family_relations
from pipelines.city.slates import SlatePolicy, base_score
from pipelines.city.tables import TableWriter
from pipelines.city.taste_belief import TasteBelief
from pipelines.city.traces import Traces
from pipelines.city.truth import Truth
from pipelines.city.turn import all_quiet
from pipelines.city.wants import Wants


@dataclass(slots=True)
class Simulation:
    """Everything that moves in one block."""

    block: Block
    wants: Wants
    life: Life
    geometry: Geometry
    papers: Papers
    journal: Journal
    journeys: Journeys
    policy: SlatePolicy
    registers: Registers
    truth: Truth
    foresight: Foresight
    items: tuple[Item, ...]
    codes: dict[str, Ints]
    enquiries: Pages = field(default_factory=Pages)

    @classmethod
    def of(cls, block: Block) -> Simulation:
        """A block on its first day."""
        setting = block.setting
        wants = Wants.of(setting.catalogue, block.kind)
        wants.grow(block)
        scopes = tuple(block.states)
        items = tuple(item for scope in scopes for item in wants.by_scope[scope].items)
        numbers = {item.id: n for n, item in enumerate(items)}
        codes = {
            scope: np.array([numbers[item.id] for item in wants.by_scope[scope].items], dtype=np.int64)
            for scope in scopes
        }
        geometry, journal, papers = Geometry.of(setting, block.kind), Journal(), Papers.of(block)
        scores = {s: base_score(wants.by_scope[s].items, geometry.weights[s]) for s in scopes}
        decisions = Decisions(block, journal, published_calendar())
        effects = Effects(block, wants, papers)
        traces, life, knobs = Traces(0), Life(block, wants), setting.world
        journeys = Journeys(block, wants, papers, journal, decisions, effects, codes, traces)
        policy = SlatePolicy(block, wants, journal, traces, scopes, scores, codes)
        cut = first_held_out(knobs.months_history, knobs.truth.horizon_months)
        belief = TasteBelief.empty(block, geometry)
        foresight = Foresight(block, geometry, life, wants, papers, traces, belief, cut)
        return cls(
            block, wants, life, geometry, papers, journal, journeys, policy,
            Registers(block), Truth(block, geometry, items, scopes), foresight, items, codes,
        )  # fmt: skip

    def step(self, month: Month) -> None:
        """One month."""
        logged = month.number >= 0
        self.journeys.effects.take_effect(month)
        if month.number == self.foresight.cut:
            self.foresight.score(month)
        if month.number == 0:
            self.registers.open(month.first_day)
        self.wants.fade(self.block.setting.world.demand.need_half_life)
        self.life.unfold(month)
        self._arrive(month)
        self.wants.grow(self.block)
        who = people(self.block, self.geometry.tastes, month)
        wanted: dict[str, Demanded] = {}
        for scope, wants in self.wants.by_scope.items():
            if wants.items and self.block.states[scope].rows:
                wanted[scope] = demanded(self.block, scope, wants, self.geometry, who, month)
        if 0 <= month.number < self.foresight.cut:
            self.foresight.belief.expose(wanted, self.wants)
        for scope, demand in wanted.items():
            self.journeys.step(scope, demand, who, month, logged=logged)
        if logged:
            self.policy.show(wanted, who, month, all_quiet(self.block, month))
            ask(self.block, self.wants, self.enquiries, month, self.items, self.codes)
            self.registers.follow()
        else:
            for state in self.block.states.values():
                state.changed.clear()

    def _met(self, scopes: tuple[str, ...]) -> pl.DataFrame:
        """The cases of past duties of the showcase; the truth of what people want knows nothing of them."""
        calendar = self.journeys.decisions.calendar
        met = duties_met(self.block, self.geometry.judges, self.codes, calendar)
        before = sum(len(chunk["row"]) for chunk in self.journal.cases.chunks)
        return records.cases(self.block, met, scopes, self.items, CHANNELS, before)[0]

    def _arrive(self, month: Month) -> None:
        """Curated scope items come to be on their day."""
        for scope, state in self.block.states.items():
            days = state.born - month.first_day
            now = (days >= 0) & (days < month.days) & (month.number > -WARM_UP)
            rows = np.flatnonzero(now & self.block.curated[state.owner])
            tell_registers(self.block, scope, rows, state.born[rows])

    def write(self, writer: TableWriter) -> None:
        """Write the block's tables and its part of the truth."""
        block, scopes = self.block, tuple(self.block.states)
        writer.write("subjects", records.subjects(block))
        writer.write("scope_items", records.scope_items(block))
        writer.write("evidence", records.evidence(block, self.papers, scopes))
        cases, ratings = records.cases(block, self.journal, scopes, self.items, CHANNELS)
        writer.write("cases", cases)
        writer.write("cases", self._met(scopes))
        writer.write("ratings", ratings)
        writer.write("interactions", records.interactions(block, self.journal, scopes, self.items))
        end = records.last_moment(block)
        writer.write("consultations", consultations(block, self.enquiries, self.items, end))
        writer.write("consents", consents(block))
        if "child" in block.states:
            writer.write("relations", family_relations(block))
        for name, table in self.registers.tables().items():
            writer.write(f"attributes/{name}", table)
        self.truth.write(writer, self.life.happened, self.journal)
        self.truth.write_expectations(writer, self.foresight.scored, cases)
