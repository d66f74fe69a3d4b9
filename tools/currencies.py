"""`python -m tools.currencies`: write Till's table of currencies for others.

docs/currencies.json is for integrators. web/src/lib/currencies.ts is for the app, and holds only
what differs from the usual two decimals.
"""

import json
from dataclasses import asdict
from pathlib import Path

from payments.domain.currency import CURRENCIES

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "currencies.json"
MODULE = ROOT / "web" / "src" / "lib" / "currencies.ts"

_USUAL_DECIMALS = 2


def document() -> str:
    """Every currency and its rules as JSON, one to a line."""
    lines = [f'  "{code}": {json.dumps(asdict(CURRENCIES[code]))}' for code in sorted(CURRENCIES)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def module() -> str:
    """The exceptions as TypeScript."""
    decimals = [
        f"  {code}: {currency.decimals},\n"
        for code, currency in sorted(CURRENCIES.items())
        if currency.decimals != _USUAL_DECIMALS
    ]
    whole_units = [
        f"'{code}'"
        for code, currency in sorted(CURRENCIES.items())
        if 1 < currency.multiple_of == 10**currency.decimals
    ]
    return (
        "// Made by `python -m tools.currencies` from payments/domain/currency.py.\n"
        "\n"
        f"/** How many decimals Stripe counts, where it is not {_USUAL_DECIMALS}. */\n"
        "export const DECIMALS: Readonly<Record<string, number>> = {\n"
        f"{''.join(decimals)}"
        "};\n"
        "\n"
        "/** Charged in whole units only, although Stripe counts decimals. */\n"
        f"export const WHOLE_UNITS: readonly string[] = [{', '.join(whole_units)}];\n"
    )


def main() -> None:
    """Write both files."""
    for path, text in ((DOCUMENT, document()), (MODULE, module())):
        path.write_text(text)
        print(f"Wrote {path.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
