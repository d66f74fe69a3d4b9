"""Modules that others import and that nothing here uses: they are loaded if it comes to that."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _Deferred(ModuleType):
    """Stands in for a module; asked for anything, it loads the module and passes it on."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def deferred(name: str) -> Iterator[None]:
    """Let what is imported meanwhile have a stand-in for this module, unless it is loaded."""
    if name in sys.modules:
        yield
        return
    stand_in = sys.modules[name] = _Deferred(name)
    try:
        yield
    finally:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
