"""What a monitor reads, in Prometheus' text format: counts and ages of the server, nothing of anybody."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from serving.degraded import degrading
from serving.parts import Parts

Kind = Literal["gauge", "counter", "histogram"]
Labels = Mapping[str, str]
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds an answer took, at most."""
BREAKER: Final = {"closed": 0, "half_open": 1, "open": 2}


class RequestCounts:
    """Answers of one process by method, route template and status. Safe to share between threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._answers: dict[tuple[str, str, str], int] = defaultdict(int)
        self._within: dict[float, int] = dict.fromkeys(BUCKETS, 0)
        self._seconds, self._all = 0.0, 0

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answer went out."""
        with self._guard:
            self._answers[method, route, str(status)] += 1
            self._seconds += seconds
            self._all += 1
            for bucket in BUCKETS:
                if seconds <= bucket:
                    self._within[bucket] += 1

    def lines(self) -> Iterator[str]:
        """As metrics."""
        with self._guard:
            answers, within = dict(self._answers), dict(self._within)
            seconds, count = self._seconds, self._all
        yield from _metric(
            "qianmian_answers_total",
            "counter",
            "Answers by method, route and status.",
            (
                ({"method": method, "route": route, "status": status}, n)
                for (method, route, status), n in sorted(answers.items())
            ),
        )
        name = "qianmian_answer_seconds"
        yield from (f"# HELP {name} Time until an answer was out.", f"# TYPE {name} histogram")
        yield from (f'{name}_bucket{{le="{bucket}"}} {n}' for bucket, n in within.items())
        yield from (
            f'{name}_bucket{{le="+Inf"}} {count}',
            f"{name}_sum {seconds:.6f}",
            f"{name}_count {count}",
        )


def exposition(parts: Parts, counts: RequestCounts) -> str:
    """Everything a monitor may know."""
    return "\n".join((*_condition(parts), *_ages(parts), *_work(parts), *counts.lines())) + "\n"


def _condition(parts: Parts) -> Iterator[str]:
    present = {trouble.code for trouble in parts.condition.troubles}
    yield from _metric(
        "qianmian_trouble",
        "gauge",
        "1 for what is amiss right now; `alarm` says how soon to look.",
        (
            ({"code": code, "alarm": consequence.alarm}, int(code in present))
            for code, consequence in degrading().troubles.items()
        ),
    )
    yield from _gauge("qianmian_ready", "1 while the server can answer.", int(parts.condition.answers))
    yield from _gauge(
        "qianmian_pushing_allowed",
        "1 while nothing amiss keeps reminders from going out.",
        int(parts.condition.pushes),
    )
    state = BREAKER[parts.online.profiles.breaker.state]
    yield from _gauge("qianmian_online_store_breaker", "0 closed, 1 half open, 2 open.", state)


def _ages(parts: Parts) -> Iterator[str]:
    seen, on = parts.watch.seen, parts.desk.clock.on()
    yield from _metric(
        "qianmian_model_age_days",
        "gauge",
        "Days since the last day whose data a champion saw.",
        (({"model": name}, (on - day).days) for name, day in sorted(seen.models_trained_to.items())),
    )
    age = None if seen.features_at is None else parts.watch.waited(seen.features_at)
    yield from _gauge("qianmian_features_age_seconds", "Since the feature store was renewed whole.", age)
    skew = None if seen.skew is None else seen.skew.total_seconds()
    yield from _gauge("qianmian_clock_skew_seconds", "How far ahead our clock is.", skew)
    yield from _gauge("qianmian_disk_used_share", "Of the disk under home.", seen.disk_share)


def _work(parts: Parts) -> Iterator[str]:
    backlog = parts.watch.seen.backlog
    if backlog is not None:
        for name, help_text, value in (
            ("arrivals_waiting", "Arrivals not acted on yet.", backlog.arrivals),
            ("arrivals_oldest_seconds", "Age of the oldest.", parts.watch.waited(backlog.arrivals_since)),
            ("dead_letters", "Arrivals that could not be acted on.", backlog.dead_letters),
            ("outbox_waiting", "Messages still to go out.", backlog.outbox),
            ("outbox_late_seconds", "How late the oldest is.", parts.watch.waited(backlog.outbox_since)),
        ):
            yield from _gauge(f"qianmian_{name}", help_text, value)
    yield from _delivery(parts)
    yield from _metric(
        "qianmian_impressions_dropped_total",
        "counter",
        "Pages whose impressions were not kept.",
        (({}, parts.impressions.dropped),),
    )


def _delivery(parts: Parts) -> Iterator[str]:
    seen = parts.watch.seen.delivery
    if seen is None:
        return
    yield from _gauge("qianmian_deliverers", "Deliverers that showed life lately.", seen.deliverers)
    for name, help_text in (
        ("due", "Messages due now."),
        ("failed", "Messages given up."),
        ("sending", "Claimed."),
    ):
        counts = (({"channel": way}, getattr(one, name)) for way, one in seen.channels.items())
        yield from _metric(f"qianmian_outbox_{name}", "gauge", help_text, counts)
    lately = (({"outcome": outcome}, count) for outcome, count in sorted(seen.lately.items()))
    yield from _metric("qianmian_delivery_attempts_last_hour", "gauge", "Attempts to deliver.", lately)


def _gauge(name: str, help_text: str, value: float | None) -> Iterator[str]:
    """One number; nothing at all where it is unknown, for 0 would be a claim."""
    return _metric(name, "gauge", help_text, () if value is None else (({}, value),))


def _metric(name: str, kind: Kind, help_text: str, samples: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield f"# HELP {name} {help_text}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{name}{{{told}}} {value:g}" if told else f"{name} {value:g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
