"""Apply the SAM transform to a template on standard input; run by the SAM CLI's own Python.

The values of parameters come as JSON in the only argument.
"""

import json
import sys

from samtranslator.public.translator import ManagedPolicyLoader  # type: ignore[import-not-found]
from samtranslator.translator.transform import transform  # type: ignore[import-not-found]


class _NamesOnly(ManagedPolicyLoader):  # type: ignore[misc]
    """We use no managed policy by its short name, so there is nothing to look up in an account."""

    def __init__(self) -> None:
        pass

    def load(self) -> dict[str, str]:
        return {}


parameters = json.loads(sys.argv[1])
json.dump(transform(json.load(sys.stdin), parameters, _NamesOnly()), sys.stdout)
