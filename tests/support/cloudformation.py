"""Just enough of CloudFormation to read the template: its YAML tags and its intrinsic functions."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

type Json = dict[str, Any]
type Deployed = Callable[..., Json]

_PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackId": (
        "arn:aws:cloudformation:eu-west-1:123456789012:stack/till/"
        "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
    ),
    "AWS::StackName": "till",
    "AWS::URLSuffix": "amazonaws.com",
}
_SUB_VARIABLE = re.compile(r"\$\{([\w:.]+)\}")
_NO_VALUE = object()
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "Fn::And": all,
    "Fn::Equals": lambda values: values[0] == values[1],
    "Fn::GetAtt": ".".join,
    "Fn::Join": lambda arguments: arguments[0].join(arguments[1]),
    "Fn::Not": lambda conditions: not conditions[0],
    "Fn::Or": any,
    "Fn::Select": lambda arguments: arguments[1][int(arguments[0])],
    "Fn::Split": lambda arguments: arguments[1].split(arguments[0]),
}


class _TemplateLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref X` is `{"Ref": "X"}`."""


def _construct_short_form(loader: _TemplateLoader, suffix: str, node: yaml.Node) -> Json:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt":
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_TemplateLoader.add_multi_constructor("!", _construct_short_form)


def load_template(path: Path) -> Json:
    """Read a template, without resolving anything."""
    template: Json = yaml.load(path.read_text(), _TemplateLoader)  # noqa: S506
    return template


def resolve(template: Json, parameters: Mapping[str, str]) -> Json:
    """Return the resources as CloudFormation would see them with these parameters.

    A reference to a resource becomes its logical id, one to its attribute `LogicalId.Attribute`.

    Raises:
        ValueError: a parameter has no value, or one that it or a rule does not allow.
    """
    values = {
        name: _parameter_value(name, declaration, parameters)
        for name, declaration in template["Parameters"].items()
    }
    resolver = _Resolver(values, template["Conditions"])
    for rule in template["Rules"].values():
        if resolver.resolve(rule.get("RuleCondition", True)):
            for assertion in rule["Assertions"]:
                if not resolver.resolve(assertion["Assert"]):
                    raise ValueError(assertion["AssertDescription"])
    return {
        logical_id: resolver.resolve(resource)
        for logical_id, resource in template["Resources"].items()
        if "Condition" not in resource or resolver.condition(resource["Condition"])
    }


def _parameter_value(name: str, declaration: Json, parameters: Mapping[str, str]) -> str:
    if name not in parameters and "Default" not in declaration:
        raise ValueError(f"{name} has no value and no default")
    value = parameters.get(name, str(declaration.get("Default")))
    allowed = [str(each) for each in declaration.get("AllowedValues", [value])]
    if value not in allowed or not re.fullmatch(declaration.get("AllowedPattern", ".*"), value):
        raise ValueError(f"{name} may not be {value!r}")
    return value


class _Resolver:
    def __init__(self, values: Mapping[str, str], conditions: Json) -> None:
        self._values = _PSEUDO_PARAMETERS | dict(values)
        self._conditions = conditions

    def condition(self, name: str) -> bool:
        return bool(self.resolve(self._conditions[name]))

    def resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            items = [self.resolve(item) for item in node]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(name, argument)] = node.items()
            if name == "Condition" and isinstance(argument, str) and argument in self._conditions:
                return self.condition(argument)
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument)
        members = {name: self.resolve(member) for name, member in node.items()}
        return {name: member for name, member in members.items() if member is not _NO_VALUE}

    def _call(self, function: str, argument: Any) -> Any:
        if function == "Fn::If":
            condition, then, otherwise = argument
            return self.resolve(then if self.condition(condition) else otherwise)
        if function == "Fn::Sub":
            text, variables = argument if isinstance(argument, list) else (argument, {})
            local = {name: self.resolve(value) for name, value in variables.items()}
            return _SUB_VARIABLE.sub(lambda match: local.get(match[1], self._ref(match[1])), text)
        resolved = self.resolve(argument)
        return self._ref(resolved) if function == "Ref" else _FUNCTIONS[function](resolved)

    def _ref(self, name: str) -> Any:
        return _NO_VALUE if name == "AWS::NoValue" else self._values.get(name, name)
