"""Print what identifies resources of the types on standard input; run by the SAM CLI's own Python.

The identifiers are CloudFormation's, as cfn-lint has them: the properties that a template may set.
"""

import json
import sys

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-not-found]


def settable_identifiers(resource_type: str) -> list[str]:
    """The identifying properties that are not generated, such as LogGroupName."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    generated = schema.get("readOnlyProperties", [])
    return [
        pointer.removeprefix("/properties/")
        for pointer in schema["primaryIdentifier"]
        if pointer not in generated
    ]


json.dump({each: settable_identifiers(each) for each in json.load(sys.stdin)}, sys.stdout)
