"""`python -m tools.openapi`: write docs/openapi.json."""

import json

from tools.openapi.document import DOCUMENT, ROOT, make_document


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(json.dumps(make_document(), indent=2, ensure_ascii=False) + "\n")
    print(f"Wrote {DOCUMENT.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
