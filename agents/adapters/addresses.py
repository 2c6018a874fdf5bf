"""Which addresses of the internet are public, judged as numbers; `outbound` judges a name by what it resolves to.

The special-purpose registries of IANA are written out here: what `is_global` of the standard library says differs
between patch versions of Python.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_NOT_PUBLIC_4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",  # cloud metadata lives here
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_UNICAST_6: Final = IPv6Network("2000::/3")
# Teredo (in the first) and 6to4 lead to an IPv4 address of the sender's choice.
_NOT_PUBLIC_6: Final = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NAT64: Final = IPv6Network("64:ff9b::/96")


def networks_of(text: str) -> tuple[Network, ...]:
    """Read networks, one or more with commas, such as "10.1.0.0/16,fd00::/8".

    Raises:
        ValueError: one of them is none.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_in(found: Address, networks: Sequence[Network]) -> bool:
    """Say whether an address lies in one of the networks."""
    return any(found.version == network.version and found in network for network in networks)


def may_reach(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Say whether an address, written as a number, is public or lies in one of the `allowed` networks.

    An IPv6 address that stands for an IPv4 one (mapped, NAT64) is judged as that.
    """
    found: Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif found in _NAT64:
            found = IPv4Address(int(found) & 0xFFFFFFFF)
    if is_in(found, allowed):
        return True
    if isinstance(found, IPv4Address):
        return not is_in(found, _NOT_PUBLIC_4)
    return found in _UNICAST_6 and not is_in(found, _NOT_PUBLIC_6)
