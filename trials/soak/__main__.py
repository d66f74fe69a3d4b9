"""`make soak`: SECONDS of load (120), random from SEED, on a new stack.

With RUNNING=1 it uses the stack that `make dev` runs, and leaves its data there.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import ExitStack

from httpx import HTTPError

from local import Stack, StackError, read_stack, running_stack
from local.paths import LOCAL
from local.processes import StopRequestedError, Supervisor
from local.progress import Progress
from trials.soak.soak import Settings, soak

_DEFAULT_SECONDS = 120
_MOST_SECONDS = 900  # after that, the simulator's journal and list of deliveries are incomplete


def main() -> int:
    """Run the soak and return the exit code: 0 only if there is no difference."""
    progress = Progress(sys.stdout)
    supervisor = Supervisor(on_wait=progress.tick)
    supervisor.stop_on_signals()
    try:
        settings = _settings(os.environ)
        with ExitStack() as cleanup:
            stack = _running() if not settings.everybody else None
            stack = stack or cleanup.enter_context(
                running_stack(LOCAL / "soak", supervisor=supervisor, progress=progress)
            )
            return _soak(stack, settings, supervisor, progress)
    except StopRequestedError:
        progress.line("\nStopped.")
        return 130
    except StackError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except (HTTPError, TimeoutError) as error:
        sys.stderr.write(f"\nThe soak did not finish. {type(error).__name__}: {error}\n")
        return 1


def _settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        StackError: a value is not valid.
    """
    numbers = {
        "SECONDS": environment.get("SECONDS") or str(_DEFAULT_SECONDS),
        "SEED": environment.get("SEED") or str(secrets.randbelow(10**6)),
    }
    for name, value in numbers.items():
        if not value.isdecimal():
            raise StackError(f"{name}={value} is not a whole number.")
    seconds = int(numbers["SECONDS"])
    if not 1 <= seconds <= _MOST_SECONDS:
        raise StackError(f"SECONDS must be between 1 and {_MOST_SECONDS}.")
    return Settings(seconds, seed=int(numbers["SEED"]), everybody=not environment.get("RUNNING"))


def _running() -> Stack:
    """The running stack.

    Raises:
        StackError: there is none, or it uses Stripe itself.
    """
    stack = read_stack()
    if stack is None:
        raise StackError("No stack is running. Start one with make dev, or unset RUNNING.")
    if not stack.simulated_stripe:
        raise StackError("This stack uses Stripe itself, and a soak is not allowed there.")
    return stack


def _soak(stack: Stack, settings: Settings, supervisor: Supervisor, progress: Progress) -> int:
    progress.line(
        f"\nSoaking {stack.api_url} for {settings.seconds} s (SEED={settings.seed}). "
        "Ctrl-C ends the load early."
    )
    report = soak(stack, settings, interrupted=supervisor.stop_requested)
    supervisor.stop_requested.clear()
    supervisor.check()
    progress.line(str(report))
    return 1 if report.differences else 0


if __name__ == "__main__":
    sys.exit(main())
