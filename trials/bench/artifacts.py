"""What `sam build` makes of a template: built, measured, and laid out as Lambda would."""

import io
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.deploy import host_architecture
from local.paths import LOCAL, SAM
from local.processes import StackError, Supervisor

PYTHON = LOCAL / "venvs" / "bench" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Function:
    """A built function and the layers below it, in directories that cannot be written to."""

    name: str
    directory: Path
    handler: str
    layers: tuple[Path, ...]
    environment: Mapping[str, str]
    memory_megabytes: int
    language: str = "python"


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes as uploaded, and as Lambda unpacks them."""

    zipped: int
    unzipped: int


@dataclass(frozen=True, slots=True)
class Build:
    """One built template."""

    directory: Path
    resources: Mapping[str, Any]
    globals: Mapping[str, Any]
    parameters: Mapping[str, Any]

    def function(self, logical_id: str) -> Function:
        """A function with the environment that the template gives it."""
        properties = self.globals | self.resources[logical_id]["Properties"]
        variables = {
            **self.globals.get("Environment", {}).get("Variables", {}),
            **properties.get("Environment", {}).get("Variables", {}),
        }
        return Function(
            name=logical_id,
            directory=self.directory / logical_id,
            handler=properties["Handler"],
            layers=tuple(
                self.directory / layer["Ref"] / "python" for layer in properties.get("Layers", ())
            ),
            environment={name: self._value(value) for name, value in variables.items()},
            memory_megabytes=properties["MemorySize"],
        )

    def function_of(self, method: str, path: str) -> str:
        """The logical id of the function that serves a route.

        Raises:
            StackError: none does.
        """
        for name, properties in self.of_type("AWS::Serverless::Function").items():
            for event in properties.get("Events", {}).values():
                served = event.get("Properties", {})
                if (served.get("Method"), served.get("Path")) == (method, path):
                    return name
        raise StackError(f"No function in {self.directory} serves {method} {path}.")

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of the resources of a type, by logical id."""
        return {
            name: resource["Properties"]
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def _value(self, value: Any) -> str:
        """A variable's value. Resources have their logical ids for names here."""
        match value:
            case {"Ref": str(name)}:
                return str(self.parameters.get(name, {}).get("Default", name))
            case {"Fn::GetAtt": [str(name), *_]}:
                return name
            case dict():
                return ""  # what the functions that are measured have no use for
            case _:
                return str(value)


def sam_build(
    supervisor: Supervisor, template: Path, directory: Path, *, platform: str = "host"
) -> Path:
    """Build a template as it stands; the directory keeps what makes the next time faster."""
    # SAM notes beside the build what it was made from, and knows nothing of platforms.
    directory = directory / platform
    directory.mkdir(parents=True, exist_ok=True)
    built = directory / "build"
    supervisor.run(
        "sam build",
        [
            *(SAM, "build", "--template", template, "--build-dir", built),
            *("--cached", "--cache-dir", directory / "cache"),
            *("--parameter-overrides", f"Architecture={host_architecture()}"),
        ],
        env={
            **{name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
            # SAM runs the pip of the Python it finds first: this project's.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHON": sys.executable,
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "us-east-1",
            "TILL_LAYER_PLATFORM": platform,
        },
        cwd=directory,
        log=directory / "sam-build.log",
    )
    return built


def laid_out(built: Path, directory: Path, *, compiled: bool = False) -> Build:
    """A copy of a build that nobody can write into; `compiled` puts bytecode in it first."""
    read_only(built, directory, compiled=compiled)
    template = yaml.safe_load((directory / "template.yaml").read_text())
    return Build(
        directory=directory,
        resources=template["Resources"],
        globals=template.get("Globals", {}).get("Function", {}),
        parameters=template.get("Parameters", {}),
    )


def read_only(source: Path, directory: Path, *, compiled: bool = False) -> Path:
    """A copy of a directory that nobody can write bytecode into."""
    discard(directory)
    shutil.copytree(source, directory)
    if compiled:
        _compile(directory)
    for path in _everything(directory):
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    return directory


def discard(directory: Path) -> None:
    """Remove a directory, read-only ones inside it too, if it is there."""
    if directory.exists():
        for path in _everything(directory):
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
        shutil.rmtree(directory)


def size_of(directory: Path) -> Size:
    """The size of a function or a layer."""
    archive = io.BytesIO()
    unzipped = 0
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
        for path in sorted(directory.rglob("*")):
            package.write(path, path.relative_to(directory))
            unzipped += path.stat().st_size if path.is_file() else 0
    return Size(zipped=archive.tell(), unzipped=unzipped)


def _compile(directory: Path) -> None:
    """Put bytecode beside all modules, as the Makefiles of Till's layers do."""
    options = ("-q", "--invalidation-mode", "unchecked-hash", "-s", directory, "-p", "/var/task")
    subprocess.run(  # noqa: S603
        [PYTHON, "-m", "compileall", *options, directory], check=True
    )


def _everything(directory: Path) -> Iterator[Path]:
    yield directory
    yield from directory.rglob("*")
