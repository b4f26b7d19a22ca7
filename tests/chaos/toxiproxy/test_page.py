"""The example of the how-to page is true."""

from __future__ import annotations

import re
from pathlib import Path

from tests.chaos.toxiproxy._kit import Upstream

PAGE = Path(__file__).resolve().parents[3] / "docs/how-to/break-the-network.md"


def serve(connection):
    """The service of the example."""
    if connection.recv(65_536):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n1.07")


def test_the_example_passes(toxiproxy):
    """The first block of the page, run as it stands there."""
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(block.group(1), names)
    with Upstream(serve) as service:
        names["test_rates_survive_the_network"](toxiproxy, service.address)
