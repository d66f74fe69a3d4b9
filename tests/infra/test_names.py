"""Names that AWS knows resources by: two stacks in one account, and one stack after another."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloudformation import Deployed, Json
from tests.support.commands import SAM, run

UNIQUE_IN_TIME = {"AWS::StackId"}
UNIQUE = UNIQUE_IN_TIME | {"AWS::StackName"}
# A property that names the resource, at the top or, in CloudFront, in its ...Config.
NAME = re.compile(r"(\w+Config\.)?(\w*Name|Domain)")
NAMES_SOMETHING_ELSE = {
    "EventBusName",
    "FunctionName",
    "MetricName",
    "Scope",  # of a firewall, whose name AWS makes up
    "VisibilityConfig.MetricName",  # beside the firewall's name
}
# An alias belongs to its function.
WITHIN_ANOTHER = {"AWS::Lambda::Alias"}
# User pools are known by their ids, and may share a name.
MAY_BE_SHARED = {"UserPoolName"}
KEPT = {
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::Events::EventBus",
    "AWS::Logs::LogGroup",
    "AWS::SecretsManager::Secret",
}
NOT_WORTH_KEEPING = {"LimitsTable", "BookmarksTable", "OriginSecret"}

_VARIABLE = re.compile(r"\$\{([\w:]+)")


def mentioned(value: Any) -> set[str]:
    """The parameters and resources that a value is made of."""
    if isinstance(value, list):
        return set().union(*map(mentioned, value))
    if not isinstance(value, dict):
        return set(_VARIABLE.findall(value)) if isinstance(value, str) else set()
    names = set().union(*map(mentioned, value.values()))
    match value:
        case {"Ref": str(name)}:
            return {name}
        case {"Fn::GetAtt": [str(name), *_]}:
            return {name}
    return names


def values_of(value: Any) -> Iterator[Any]:
    """What a property may become, under any condition."""
    match value:
        case {"Fn::If": [_, then, otherwise]}:
            yield from values_of(then)
            yield from values_of(otherwise)
        case {"Ref": "AWS::NoValue"}:
            return
        case _:
            yield value


@pytest.fixture(scope="module")
def identifiers(transformed: Json) -> dict[str, list[str]]:
    """The properties that identify a resource of a type, unless AWS generates them."""
    types = sorted({resource["Type"] for resource in transformed["Resources"].values()})
    script = Path(__file__).with_name("identifiers.py")
    done = run([SAM.with_name("python"), script], stdin=json.dumps(types))
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def names(transformed: Json, identifiers: dict[str, list[str]]) -> dict[tuple[str, str], Any]:
    """Each physical name in the template, by logical id and property.

    What belongs to another resource is not named by itself: a stage, for one, is its API's. Only
    the domain of a user pool is everybody's.
    """
    resources = transformed["Resources"]
    found: dict[tuple[str, str], Any] = {}
    for logical_id, resource in resources.items():
        if resource["Type"] in WITHIN_ANOTHER:
            continue
        properties = resource.get("Properties", {})
        identifying = identifiers[resource["Type"]]
        part_of = mentioned([properties.get(name) for name in identifying]) & resources.keys()
        flat = properties | {
            f"{name}.{inner}": value
            for name, config in properties.items()
            if name.endswith("Config") and isinstance(config, dict)
            for inner, value in config.items()
        }
        found |= {
            (logical_id, name): value
            for name, value in flat.items()
            if (name in identifying or NAME.fullmatch(name))
            and name not in NAMES_SOMETHING_ELSE
            and (not part_of or name == "Domain")
        }
    return found


def test_two_stacks_in_one_account_have_no_name_in_common(
    transformed: Json, names: dict[tuple[str, str], Any]
) -> None:
    unique = UNIQUE | transformed["Resources"].keys()
    assert ("Api", "Name") in names
    assert ("WebOriginAccessControl", "OriginAccessControlConfig.Name") in names
    assert {
        name: value
        for name, each in names.items()
        for value in values_of(each)
        if not mentioned(value) & unique
    } == {}


def test_what_a_removed_stack_leaves_is_not_in_the_way_of_the_next(
    transformed: Json, names: dict[tuple[str, str], Any]
) -> None:
    left = {
        (logical_id, name): value
        for (logical_id, name), value in names.items()
        if transformed["Resources"][logical_id].get("DeletionPolicy", "Delete") != "Delete"
        and name not in MAY_BE_SHARED
    }
    assert left.keys() == {("PaymentEventBus", "Name")}
    assert {
        name: value for name, value in left.items() if not mentioned(value) & UNIQUE_IN_TIME
    } == {}


def test_deleting_or_replacing_leaves_what_cannot_be_made_again(transformed: Json) -> None:
    kept = {
        logical_id: (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        for logical_id, resource in transformed["Resources"].items()
        if resource["Type"] in KEPT and logical_id not in NOT_WORTH_KEEPING
    }
    # Only a stack that fails to be created takes its empty ones with it.
    assert set(kept.values()) == {("RetainExceptOnCreate", "Retain")}


def test_the_name_of_the_bus_is_of_this_stack_only(deployed: Deployed) -> None:
    assert deployed()["PaymentEventBus"]["Properties"]["Name"] == "till-payments-0a1b2c3d"
