"""The guard under every test refuses what leaves the machine, and nothing else."""

from __future__ import annotations

import socket

import pytest

from tests.no_network import OutsideContact, outside

# An address for documentation (RFC 5737): nobody is there, should the guard ever fail.
NOBODY = ("192.0.2.1", 9)


@pytest.mark.reaches_out
def test_connecting_to_another_machine_is_refused():
    """A connection to an address that is not loopback never starts."""
    with pytest.raises(OutsideContact), socket.socket() as client:
        client.connect(NOBODY)


@pytest.mark.reaches_out
def test_datagrams_to_another_machine_are_refused():
    """A datagram to an address that is not loopback is never sent."""
    with pytest.raises(OutsideContact), socket.socket(type=socket.SOCK_DGRAM) as client:
        client.sendto(b"x", NOBODY)


@pytest.mark.reaches_out
def test_looking_up_a_name_is_refused():
    """A name that only a resolver on the network could know is not looked up."""
    with pytest.raises(OutsideContact):
        socket.getaddrinfo("somewhere.else", 443)


def test_reserved_names_do_not_resolve():
    """Names reserved for tests fail as they would fail anywhere."""
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("nobody.invalid", 443)


def test_loopback_is_open():
    """Tests may talk to servers of their own."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@pytest.mark.parametrize(
    "address", [("127.0.0.1", 1), ("::1", 1, 0, 0), ("localhost", 1), "some/path", b"path"]
)
def test_addresses_of_this_machine_are_inside(address):
    """Loopback addresses in every spelling, and paths of local sockets, count as this machine."""
    assert outside(address) is None


@pytest.mark.parametrize("address", [("10.0.0.1", 1), ("2001:db8::1", 1, 0, 0), ("a.b", 1), (b"a.b", 1)])
def test_addresses_elsewhere_are_outside(address):
    """Private networks and names count as elsewhere."""
    assert outside(address)
