"""`python -m trials.backlog`: PAYMENTS (1000) left open, Stripe LATENCY_MS (500) away.

It deploys a stack of its own on this machine, and runs its reconciliation once for each limit.
"""

import os
import sys

from local import StackError, running_stack
from local.paths import LOCAL
from local.processes import StopRequestedError, Supervisor
from local.progress import Progress
from trials.backlog.backlog import allow, start_over, work_off

_LIMITS = (25, 100, 1000)  # the usual one, and more than our threads can use
_MOST_PAYMENTS = 2500  # at half of 25 a second, a run has time for 3000


def main() -> int:
    """Measure, and return the exit code: 0 if all payments were dealt with."""
    payments = int(os.environ.get("PAYMENTS") or 1000)
    latency_ms = int(os.environ.get("LATENCY_MS") or 500)
    if not 1 <= payments <= _MOST_PAYMENTS:
        sys.stderr.write(f"PAYMENTS must be between 1 and {_MOST_PAYMENTS}.\n")
        return 1
    progress = Progress(sys.stdout)
    supervisor = Supervisor(on_wait=progress.tick)
    supervisor.stop_on_signals()
    finished = True
    try:
        with running_stack(LOCAL / "backlog", supervisor=supervisor, progress=progress) as stack:
            for limit in _LIMITS:
                start_over(stack)
                allow(stack, limit)
                measured = work_off(stack, payments=payments, latency_ms=latency_ms)
                finished &= measured.counts.get("finished") == payments
                progress.line(
                    f"StripeRequestsPerSecond={limit}: {payments} payments in "
                    f"{measured.seconds:.1f} s, {measured.per_second:.1f} a second"
                )
    except StopRequestedError:
        progress.line("\nStopped.")
        return 130
    except StackError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(main())
