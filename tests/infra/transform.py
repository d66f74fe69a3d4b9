"""Apply the SAM transform to a template on standard input; run by the SAM CLI's own Python."""

import json
import sys

from samtranslator.public.translator import ManagedPolicyLoader  # type: ignore[import-not-found]
from samtranslator.translator.transform import transform  # type: ignore[import-not-found]


class _NamesOnly(ManagedPolicyLoader):  # type: ignore[misc]
    """No managed policy is given by its short name, so none has to be looked up in an account."""

    def __init__(self) -> None:
        pass

    def load(self) -> dict[str, str]:
        return {}


json.dump(transform(json.load(sys.stdin), {}, _NamesOnly()), sys.stdout)
