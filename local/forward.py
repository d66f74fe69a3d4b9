"""`python -m local.forward ADDRESS PORT…`: let containers reach servers on this machine's loopback.

Listens on these ports of one address, which is the one that Docker's bridge gives this machine, and
passes connections on to the same ports of 127.0.0.1. It runs as long as a function in a container.
"""

import asyncio
import sys
from contextlib import closing, suppress
from functools import partial

_CHUNK = 65536


async def forward(address: str, ports: list[int]) -> None:
    """Forward connections until cancelled."""
    for port in ports:
        await asyncio.start_server(partial(_connected, port), address, port)
    print(f"Forwarding from {address}", flush=True)
    await asyncio.Event().wait()


async def _connected(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        answers, request = await asyncio.open_connection("127.0.0.1", port)
        with closing(request):
            await asyncio.gather(_pass_on(reader, request), _pass_on(answers, writer))
    writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()


def main(address: str, *ports: str) -> int:
    """Forward until stopped."""
    try:
        asyncio.run(forward(address, [int(port) for port in ports]))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        sys.stderr.write(f"{error.strerror}. Is another function running in a container?\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
