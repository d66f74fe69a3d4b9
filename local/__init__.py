"""Till on one machine: the real template on an emulated AWS, with Stripe or a simulator."""

from local.launcher import running_stack
from local.mailbox import confirmation_code
from local.options import Options
from local.processes import StackError
from local.state import Stack, read_stack

__all__ = ["Options", "Stack", "StackError", "confirmation_code", "read_stack", "running_stack"]
