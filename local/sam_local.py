"""What `sam build` and `sam local invoke` need, to run a function in a container.

The container gets what AWS would get: the layers with the packages for Lambda's Linux, which are
not those of the laptop stack. It reaches the stack by a name, since its own 127.0.0.1 is itself.
"""

import json
import platform
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from local.deploy import host_architecture
from local.paths import ROOT, SAM, TEMPLATE
from local.processes import StackError

# Where Docker runs in a virtual machine, as on macOS, it has this name for the person's machine.
HOST = "host.docker.internal"
RUNTIME = "python" + ".".join(platform.python_version_tuple()[:2])
_CALLED = ("AWS_ENDPOINT_URL", "STRIPE_API_BASE")
_LOOPBACK = "://127.0.0.1:"


@dataclass(frozen=True)
class Engine:
    """A container engine that SAM can use.

    `bridge` is the address that containers have for this machine. It is empty if they run in a
    virtual machine.
    """

    bridge: str


def find_engine() -> Engine:
    """Return the container engine, with Lambda's image.

    Raises:
        StackError: there is none, or it is of no use; the message says why.
    """
    asked = subprocess.run(  # noqa: S603
        [
            SAM.with_name("python"),
            Path(__file__).with_name("container_engine.py"),
            "--runtime",
            RUNTIME,
            "--architecture",
            host_architecture(),
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(asked.stdout)
    if "reason" in found:
        raise StackError(found["reason"])
    gateway = found["gateway"]
    return Engine(bridge=gateway if gateway and _is_of_this_machine(gateway) else "")


class Container:
    """A function's container: the commands that run it, and the files that they read."""

    def __init__(self, function_id: str, engine: Engine, directory: Path) -> None:
        """Keep the files below this directory."""
        self._function_id = function_id
        self._engine = engine
        self._directory = directory
        self._template = directory / "build" / "laptop.yaml"
        self._variables = directory / "env.json"

    def build_command(self) -> list[str]:
        """Build what a deployment to AWS would upload."""
        return [
            *(_shown(SAM), "build", "--template", _shown(TEMPLATE)),
            *("--build-dir", _shown(self._template.parent)),
            *("--cached", "--cache-dir", _shown(self._directory / "build-cache")),
            *("--parameter-overrides", f"Architecture={host_architecture()}"),
        ]

    def forward_command(self, ports: list[int]) -> list[str]:
        """Let the container reach these ports of 127.0.0.1, where this machine runs it."""
        forward = [_shown(Path(sys.executable)), "-m", "local.forward", self._engine.bridge]
        return [*forward, *map(str, ports)]

    def invoke_command(self, event: Path) -> list[str]:
        """Invoke the function."""
        return [
            *(_shown(SAM), "local", "invoke", self._function_id),
            *("--template", _shown(self._template)),
            *("--env-vars", _shown(self._variables)),
            *("--event", _shown(event)),
            *(["--add-host", f"{HOST}:{self._engine.bridge}"] if self._engine.bridge else []),
            "--skip-pull-image",  # it is there; without this, SAM asks the registry each time
        ]

    def write_files(self, environment: Mapping[str, str]) -> None:
        """Write the template for this laptop and the function's variables.

        SAM passes on only variables that the template declares. Their values come from the file,
        which counts more than the template and the person's own variables.
        """
        template = yaml.safe_load((self._template.parent / "template.yaml").read_text())
        declared = template["Globals"]["Function"]["Environment"]["Variables"]
        template["Globals"]["Function"]["Environment"]["Variables"] = {
            **dict.fromkeys(environment, ""),
            **declared,
        }
        for name, value in {"Architecture": host_architecture(), "Stage": "local"}.items():
            template["Parameters"][name]["Default"] = value
        self._template.write_text(yaml.safe_dump(template, sort_keys=False))
        seen_from_there = {
            name: environment[name].replace(_LOOPBACK, f"://{HOST}:", 1)
            for name in environment.keys() & set(_CALLED)
        }
        variables = {self._function_id: {**environment, **seen_from_there}}
        self._variables.write_text(json.dumps(variables, indent=2) + "\n")


def _is_of_this_machine(address: str) -> bool:
    try:
        family, *_, bound = socket.getaddrinfo(address, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as listener:
            listener.bind(bound)
    except OSError:
        return False
    return True


def _shown(path: Path) -> str:
    """Return the path as a person writes it in the repository's folder, where SAM runs."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
