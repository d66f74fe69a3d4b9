"""Release a changed function on the emulator: a new version, and the alias leads to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ALIAS = "live"


def release(lambda_: Any, name: str, **changes: Any) -> str:
    """Change a function's configuration and let everybody call it; return the version before."""
    before: str = lambda_.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"]
    lambda_.update_function_configuration(FunctionName=name, **changes)
    version = lambda_.publish_version(FunctionName=name)["Version"]
    lambda_.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
    return before


def roll_back(lambda_: Any, name: str, version: str) -> None:
    """Let everybody call an earlier version again, as CodeDeploy does."""
    lambda_.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)


@contextmanager
def bad_release(lambda_: Any, name: str) -> Iterator[None]:
    """Every call of the function fails."""
    handler = lambda_.get_function_configuration(FunctionName=name)["Handler"]
    before = release(lambda_, name, Handler="handler.nothing")
    try:
        yield
    finally:
        roll_back(lambda_, name, before)
        lambda_.update_function_configuration(FunctionName=name, Handler=handler)
