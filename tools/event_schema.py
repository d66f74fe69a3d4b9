"""`python -m tools.event_schema`: write docs/payment-event.schema.json from the dataclass."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from payments.domain.payment_event import PaymentEvent
from tools.openapi.schemas import described, named_values

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "payment-event.schema.json"


def schema() -> dict[str, Any]:
    """The JSON Schema of an event's detail."""
    made = TypeAdapter(PaymentEvent).json_schema(mode="serialization")
    schemas = described(made.pop("$defs") | {"PaymentEvent": made}, "#/$defs")
    schemas |= named_values(schemas, "#/$defs")
    event = schemas.pop("PaymentEvent")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": schemas, **event}


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
    print(f"Wrote {DOCUMENT.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
