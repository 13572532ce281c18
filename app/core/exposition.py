"""The text format that Prometheus reads (0.0.4): three kinds of lines, so no library is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from app.core.measures import BOUNDS, Totals

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass
class Family:
    """A metric with its samples: (suffix, labels, value)."""

    name: str
    kind: str
    help: str
    samples: list[tuple[str, Mapping[str, str], float]] = field(default_factory=list)

    def add(self, value: float, suffix: str = "", /, **labels: str) -> None:
        """Add a sample."""
        self.samples.append((suffix, labels, value))


def exposed(families: Iterable[Family]) -> str:
    """Return the families as Prometheus reads them."""
    return "".join(line for family in families for line in _lines(family))


def requests(totals: Totals) -> Iterator[Family]:
    """Yield what was counted of requests."""
    answered = Family("peerdesk_requests_total", "counter", "Requests answered.")
    for (route, method, status), number in sorted(totals.answered.items()):
        answered.add(number, route=route, method=method, status=status)
    yield answered
    took = Family("peerdesk_request_seconds", "histogram", "How long answers took, from first to last byte.")
    for route, counts in sorted(totals.between.items()):
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), accumulate(counts), strict=True):
            took.add(number, "_bucket", route=route, le=bound)
        took.add(totals.seconds[route], "_sum", route=route)
        took.add(sum(counts), "_count", route=route)
    yield took


def _lines(family: Family) -> Iterator[str]:
    if family.samples:
        yield f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.kind}\n"
    for suffix, labels, value in family.samples:
        told = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield (
            f"{family.name}{suffix}{{{told}}} {value:.10g}\n"
            if told
            else f"{family.name}{suffix} {value:.10g}\n"
        )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
