"""Proxies under test: what every one of them needs to speak the server protocol."""

from .child import Died
from .policy import BadPolicy, Policy, Subdomains
from .product import Place, Product, Refused, Unsupported
from .recipe import every_answer, exposed, granted, regex_of
from .run import run
from .version import version_of

__all__ = [
    "BadPolicy",
    "Died",
    "Place",
    "Policy",
    "Product",
    "Refused",
    "Subdomains",
    "Unsupported",
    "every_answer",
    "exposed",
    "granted",
    "regex_of",
    "run",
    "version_of",
]
