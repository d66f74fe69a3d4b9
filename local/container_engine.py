"""Prepare the container engine that SAM will use. SAM's own Python runs this.

Gets Lambda's image if it is not there. Prints a JSON object: with the `gateway` of the engine's
bridge, which is the address that containers have for the machine that runs them, or with the
`reason` why there is no engine to use. It uses private names of SAM, whose version requirements/
pins.
"""

import argparse
import ipaddress
import json
import sys

import docker  # type: ignore[import-untyped]
from samcli.commands.exceptions import UserException  # type: ignore[import-not-found]
from samcli.local.docker.lambda_image import LambdaImage, Runtime  # type: ignore[import-not-found]
from samcli.local.docker.utils import (  # type: ignore[import-not-found]
    get_docker_platform,
    get_validated_container_client,
)

IPV4 = 4


class NoEngineError(Exception):
    """There is no engine that can run a function against this machine's stack."""


def prepare(runtime: str, architecture: str) -> str:
    """Return the gateway, or an empty text if the engine has no network of that name."""
    engine = get_validated_container_client()
    if any("rootless" in option for option in engine.info().get("SecurityOptions") or ()):
        raise NoEngineError("Docker runs rootless: its containers cannot reach this machine.")
    image = f"{LambdaImage._INVOKE_REPO_PREFIX}/{Runtime.get_image_name_tag(runtime, architecture)}"
    try:
        engine.images.get(image)
    except docker.errors.ImageNotFound:
        sys.stderr.write(f"Getting {image}\n")
        engine.images.pull(image, platform=get_docker_platform(architecture))
    try:
        return _gateway(engine.networks.get("bridge").attrs["IPAM"]["Config"])
    except docker.errors.NotFound:
        return ""


def _gateway(configs: list[dict[str, str]]) -> str:
    """Return the bridge's own IPv4 address. Some engines leave it out: it is the subnet's first."""
    for config in configs:
        subnet = ipaddress.ip_network(config["Subnet"])
        if subnet.version == IPV4:
            return config.get("Gateway") or str(next(subnet.hosts()))
    return ""


def main() -> None:
    """Prepare the engine and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime", required=True)
    parser.add_argument("--architecture", required=True)
    arguments = parser.parse_args()
    try:
        found = {"gateway": prepare(arguments.runtime, arguments.architecture)}
    except (NoEngineError, UserException, docker.errors.DockerException, OSError) as error:
        found = {"reason": str(error)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
