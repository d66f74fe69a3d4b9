"""The built layers and functions: complete, compiled, and the same each time."""

import ast
import importlib.util
import json
import marshal
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.layers import Layers, files
from tests.support.commands import LAMBDA_PYTHON, make_layer, run
from tests.support.routes import STEPS, function_id

# PEP 552: the word after the magic number says how a .pyc is checked against its source.
UNCHECKED_HASH = 0b01
HEADER_SIZE = 16
LIBRARY = re.compile(r"\.so(\.\d+)*$")
ARCHITECTURES = ("aarch64", "x86_64")
# The ELF header says which machine a library is for: https://refspecs.linuxfoundation.org/elf/
ELF_MACHINES = {183: "aarch64", 62: "x86_64"}
PROVIDED_BY_LAMBDA = {"boto3", "botocore", "s3transfer", "dateutil", "six", "urllib3"}

IMPORT_HANDLER = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import handler
assert callable(handler.lambda_handler)
origins = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
print(json.dumps({name: origin for name, origin in origins.items() if origin}))
"""


def test_every_module_has_bytecode_that_is_never_checked(layers: Layers) -> None:
    modules = list(layers.modules())
    assert len(modules) > 700
    for module in modules:
        compiled = Path(importlib.util.cache_from_source(str(module)))
        header = compiled.read_bytes()[:HEADER_SIZE]
        assert header[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(header[4:8], "little") == UNCHECKED_HASH, module
        assert header[8:] == importlib.util.source_hash(module.read_bytes()), module


def test_tracebacks_name_the_files_as_lambda_has_them(layers: Layers) -> None:
    for site, name in zip(
        layers.sites, ("stripe/_stripe_client.py", "payments/domain/errors.py"), strict=True
    ):
        compiled = Path(importlib.util.cache_from_source(str(site / name)))
        code = marshal.loads(compiled.read_bytes()[HEADER_SIZE:])  # noqa: S302
        assert code.co_filename == f"/opt/python/{name}"


@pytest.mark.parametrize("step", STEPS)
def test_a_handler_finds_all_it_imports(build: Path, host_layers: Layers, step: str) -> None:
    paths = [str(path) for path in (build / function_id(step), *host_layers.sites)]
    imported = run([LAMBDA_PYTHON, "-I", "-c", IMPORT_HANDLER, json.dumps(paths)])
    assert imported.returncode == 0, imported.stderr
    # Only boto3 may come from Lambda's own packages, nothing that we ship.
    lambda_site = str(LAMBDA_PYTHON.parent.parent / "lib")
    taken = {
        name.split(".")[0]
        for name, origin in json.loads(imported.stdout).items()
        if origin.startswith(lambda_site)
    }
    assert taken <= PROVIDED_BY_LAMBDA


def test_the_layer_fits_both_architectures_and_is_otherwise_the_same(
    layers: Layers, host_layers: Layers
) -> None:
    for_lambda = files(layers.dependencies)
    for_host = files(host_layers.dependencies)
    native = {name for name in for_lambda if LIBRARY.search(name)}
    # Each has its own name, so that neither architecture replaces the other one's.
    machines = Counter(machine_of(layers.dependencies / name) for name in native)
    assert set(machines) == set(ARCHITECTURES)
    assert machines["aarch64"] == machines["x86_64"] > 20
    for package in ("pydantic_core/_pydantic_core", "pycurl/_pycurl"):
        for architecture in ARCHITECTURES:
            assert f"python/{package}.cpython-313-{architecture}-linux-gnu.so" in native
    host_native = {name for name in for_host if LIBRARY.search(name)}
    assert len(host_native) == machines["x86_64"]
    differing = {
        name for name in for_lambda | for_host if for_lambda.get(name) != for_host.get(name)
    }
    # The METADATA of two wheels of one release may differ, but not the code.
    assert {name for name in differing if name.endswith((".py", ".pyc"))} == set()


def test_nothing_is_shipped_that_lambda_has_or_nobody_imports(layers: Layers) -> None:
    names = [name for site in layers.sites for name in files(site)]
    packages = {name.split("/")[0] for name in names}
    assert packages & {"boto3", "botocore", "s3transfer", "pip", "bin"} == set()
    for name in names:
        assert not {"tests", "test"} & set(Path(name).parts), name
        assert not name.endswith((".pyi", "py.typed", "RECORD", ".c", ".h")), name


def test_the_stripe_modules_left_out_are_imported_by_type_checkers_only(layers: Layers) -> None:
    assert not (layers.dependencies / "python" / "stripe" / "params").exists()
    offenders = [
        f"{module}:{statement.lineno}"
        for module in layers.modules()
        if module.is_relative_to(layers.dependencies / "python" / "stripe")
        or module.is_relative_to(layers.payments)
        for statement in runtime_imports(ast.parse(module.read_bytes()))
        if "stripe.params" in ast.unparse(statement) or "import params" in ast.unparse(statement)
    ]
    assert offenders == []


def test_a_function_brings_its_handler_and_no_packages(build: Path) -> None:
    for step in STEPS:
        assert "requirements.txt" not in files(build / function_id(step))


def test_a_layer_is_the_same_wherever_it_is_built(tmp_path: Path, layers: Layers) -> None:
    artifacts = tmp_path / "somewhere else"
    artifacts.mkdir()
    built = make_layer("payments", artifacts)
    assert built.returncode == 0, built.stderr
    assert files(artifacts) == files(layers.payments)


@pytest.mark.parametrize("layer", ["dependencies", "payments"])
def test_a_wrong_python_is_refused_with_advice(tmp_path: Path, layer: str) -> None:
    wrong = tmp_path / "python3.13"
    wrong.write_text("#!/bin/sh\nexit 1\n")
    wrong.chmod(0o755)
    built = make_layer(layer, tmp_path / "artifacts", PYTHON=str(wrong))
    assert built.returncode != 0
    assert "is not Python 3.13, which the Lambdas run. Put python3.13 on PATH" in built.stderr


def machine_of(library: Path) -> str:
    """The architecture that a library is compiled for."""
    with library.open("rb") as file:
        header = file.read(20)
    assert header[:4] == b"\x7fELF", library
    return ELF_MACHINES[int.from_bytes(header[18:20], "little")]


def runtime_imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import that can run, so none below `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for otherwise in node.orelse:
                yield from runtime_imports(otherwise)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        else:
            yield from runtime_imports(node)
