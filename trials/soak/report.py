"""The soak's report."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trials.soak.difference import Difference
from trials.soak.evidence import Evidence
from trials.soak.ledger import ROUTES, Ledger

_SHOWN = 40


@dataclass(frozen=True)
class Report:
    """What was done, what was found, and how long it took, in seconds."""

    evidence: Evidence
    ledger: Ledger
    differences: list[Difference]
    load_seconds: float
    settle_seconds: float

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        evidence, ledger = self.evidence, self.ledger
        statuses = Counter((reply.route, reply.label) for reply in evidence.replies)
        yield f"\nRequests: {statuses.total()}"
        for route in ROUTES:
            of_route = {label: n for (each, label), n in sorted(statuses.items()) if each == route}
            yield f"  {route:<38} {_counts(of_route)}"
        yield f"  given up                               {len(ledger.given_up)}"
        charged = [charge for charge in evidence.charges if charge["captured"]]
        totals = {
            "People": len(ledger.user_ids),
            "Payments": f"{len(evidence.payments)}: {_counts(_by_status(evidence))}",
            "Charges": f"{len(charged)} taken, {len(evidence.charges) - len(charged)} refused, "
            f"{len(evidence.disputes)} disputed",
            "Merchant": _counts(ledger.merchant),
            "Payment events": f"{len(evidence.events)} received",
            "Faults met": f"{len(evidence.faults)}: "
            f"{_counts(Counter(fault.kind for fault in evidence.faults))}",
            "Webhooks": f"{_counts(evidence.webhooks)} by status; "
            f"of those held: {_counts(ledger.valve)}",
            "Reconciler": _counts(ledger.reconciled),
            "Duration": f"{self.load_seconds:.0f} s of load, {self.settle_seconds:.0f} s to settle",
        }
        for name, value in totals.items():
            yield f"{name}: {value}"
        yield f"\n{len(self.differences)} difference{'' if len(self.differences) == 1 else 's'}"
        for difference in self.differences[:_SHOWN]:
            yield f"  ✗ {difference}"
        if len(self.differences) > _SHOWN:
            yield f"  … and {len(self.differences) - _SHOWN} more"


def _by_status(evidence: Evidence) -> Counter[str]:
    return Counter(str(row["status"]) for row in evidence.payments)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(counts.items())) or "none"
