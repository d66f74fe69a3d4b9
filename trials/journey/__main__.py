"""`python -m trials.journey`: run the journey on the running stack, or on a new one."""

import os
import sys
from contextlib import ExitStack

from botocore.exceptions import BotoCoreError, ClientError
from httpx import HTTPError

from local import Options, Stack, StackError, read_stack, running_stack
from local.paths import LOCAL
from local.processes import StopRequestedError, Supervisor
from local.progress import Progress
from trials.journey.audit import problems_in, summary_of
from trials.journey.steps import Reporter, UnexpectedAnswerError
from trials.journey.walk import Walk


def main() -> int:
    """Run the journey and return the exit code: 0 only if everything went as expected."""
    progress = Progress(sys.stdout)
    supervisor = Supervisor(on_wait=progress.tick)
    supervisor.stop_on_signals()
    try:
        with ExitStack() as cleanup:
            stack = read_stack()
            if stack is None:
                progress.line("No stack is running: starting one for this journey.")
                stack = cleanup.enter_context(
                    running_stack(
                        LOCAL,
                        options=Options.from_environment(os.environ),
                        supervisor=supervisor,
                        progress=progress,
                    )
                )
            return _journey(stack, Reporter(sys.stdout, before_each=supervisor.check))
    except StopRequestedError:
        progress.line("\nStopped.")
        return 130
    except StackError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1


def _journey(stack: Stack, reporter: Reporter) -> int:
    reporter.line(f"\nThe journey, against {stack.api_url}\n")
    try:
        walk = Walk(stack, reporter)
        walk.walk()
    except (UnexpectedAnswerError, TimeoutError) as error:
        reporter.line(f"\nThe journey ended early. {error}")
        return 1
    except (HTTPError, BotoCoreError, ClientError) as error:
        reporter.line(f"\nThe journey ended early. {type(error).__name__}: {error}")
        return 1
    if not stack.simulated_stripe:
        reporter.line("\nEverything went as expected.")
        return 0
    reporter.line(summary_of(walk.audit))
    problems = problems_in(walk.audit)
    for problem in problems:
        reporter.line(f"  ✗ {problem}")
    reporter.line("" if problems else "\nEverything went as expected.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
