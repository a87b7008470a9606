"""The policy, as the server protocol words it."""

import re
from dataclasses import dataclass, fields
from typing import Optional

ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[^/:?#@\[\]\s*]+)(:[0-9]+)?")
PATTERN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://\*\.(?P<name>[^/:?#@\[\]\s*]+)")
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class BadPolicy(Exception):
    """The harness said something that is no policy."""


@dataclass(frozen=True)
class Subdomains:
    """`https://*.apps.example`: every host below the name, with that scheme and its default port."""

    scheme: str
    name: str


@dataclass(frozen=True)
class Policy:
    origins: list
    methods: list
    headers: list
    expose: list
    credentials: bool
    max_age: Optional[int]

    @staticmethod
    def parse(given):
        names = {field.name for field in fields(Policy)}
        if not isinstance(given, dict):
            raise BadPolicy("the policy is neither an object nor null")
        if missing := names - set(given):
            raise BadPolicy("the policy lacks " + ", ".join(sorted(missing)))
        policy = Policy(**{name: given[name] for name in names})
        for name in ("origins", "methods", "headers", "expose"):
            check_list(name, getattr(policy, name))
        for name in ("methods", "headers", "expose"):
            for entry in getattr(policy, name):
                if not TOKEN.fullmatch(entry):
                    raise BadPolicy(f"{name}: {entry!r} is no token")
        for entry in policy.origins:
            if entry not in ("*", "null") and not (ORIGIN.fullmatch(entry) or PATTERN.fullmatch(entry)):
                raise BadPolicy(f"origins: {entry!r} is no origin")
        if not isinstance(policy.credentials, bool):
            raise BadPolicy("credentials is no boolean")
        age = policy.max_age
        if age is not None and (isinstance(age, bool) or not isinstance(age, int) or age < 0):
            raise BadPolicy("max_age is neither a number nor null")
        return policy

    @staticmethod
    def unknown_fields(given):
        known = {field.name for field in fields(Policy)}
        return sorted(set(given) - known) if isinstance(given, dict) else []

    @property
    def any_origin(self):
        return self.origins == ["*"]

    @property
    def any_method(self):
        return self.methods == ["*"]

    @property
    def any_header(self):
        return self.headers == ["*"]

    @property
    def exposes_any(self):
        return self.expose == ["*"]

    @property
    def exact_origins(self):
        """The serialized origins and `null`."""
        return [entry for entry in self.origins if entry != "*" and not PATTERN.fullmatch(entry)]

    @property
    def patterns(self):
        matches = (PATTERN.fullmatch(entry) for entry in self.origins)
        return [Subdomains(match["scheme"], match["name"]) for match in matches if match]


def check_list(name, entries):
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise BadPolicy(f"{name} is no list of strings")
    if len(entries) > 1 and "*" in entries:
        raise BadPolicy(f'{name}: "*" stands alone or not at all')
