"""What the template allows each function to do."""

import re

from tests.support.cloudformation import Json, load_template
from tests.support.commands import TEMPLATE
from tests.support.routes import function_id

_ATTRIBUTE_IN_SUB = re.compile(r"\$\{(\w+)\.Arn\}")


def allowed_actions(step: str) -> set[tuple[str, str]]:
    """The actions that a function's own policies allow, each with its resource.

    Resources go by their logical ids: `("dynamodb:GetItem", "CustomersTable")`, an index by
    `("dynamodb:Query", "PaymentsTable/index/by-user")`, a stream by `PaymentsTable/stream`.
    """
    resources = load_template(TEMPLATE)["Resources"]
    inline = resources[function_id(step)]["Properties"].get("Policies", [])
    attached = [
        resource["Properties"]["PolicyDocument"]
        for resource in resources.values()
        if resource["Type"] == "AWS::IAM::Policy"
        and resource["Properties"]["Roles"] == [{"Ref": f"{function_id(step)}Role"}]
    ]
    return {
        (action, _name(resource))
        for policy in (*inline, *attached)
        for statement in policy["Statement"]
        for action in _as_list(statement["Action"])
        for resource in _as_list(statement["Resource"])
        if statement["Effect"] == "Allow"
    }


def _name(resource: Json) -> str:
    [(function, argument)] = resource.items()
    if function == "Fn::GetAtt":
        name, attribute = argument
        return f"{name}/stream" if attribute == "StreamArn" else str(name)
    if function == "Fn::If":  # what it is by default
        return _name(argument[2])
    if function == "Fn::Sub":
        return _ATTRIBUTE_IN_SUB.sub(r"\1", argument)
    raise ValueError(f"{resource} does not name a resource of the template")


def _as_list[T](value: T | list[T]) -> list[T]:
    return value if isinstance(value, list) else [value]
