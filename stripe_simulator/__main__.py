"""`python -m stripe_simulator --port 12111`: serve until stopped."""

import argparse

from stripe_simulator.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stripe_simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12111, help="0 takes a free one")
    arguments = parser.parse_args()
    serve(arguments.host, arguments.port, on_ready=lambda url: print(url, flush=True))


if __name__ == "__main__":
    main()
