"""Till on one machine: the real template, deployed to an emulated AWS, with Stripe beside it."""

from local.stack.launcher import running_stack
from local.stack.mailbox import confirmation_code
from local.stack.options import Options
from local.stack.processes import StackError
from local.stack.state import Stack, read_stack

__all__ = ["Options", "Stack", "StackError", "confirmation_code", "read_stack", "running_stack"]
