"""What the owner of a server wants to permit, in words that belong to no middleware."""

import re
from dataclasses import dataclass, fields


class Unsupported(Exception):
    """The middleware has no way to say the policy."""

    def __init__(self, reason: str, issue: str | None = None) -> None:
        super().__init__(reason)
        self.issue = issue


class Refused(Exception):
    """The middleware itself rejects the policy."""


@dataclass(frozen=True)
class Policy:
    """The six fields, as they come. What they mean is written down in the server protocol."""

    origins: list[str]
    methods: list[str]
    headers: list[str]
    expose: list[str]
    credentials: bool
    max_age: int | None

    @classmethod
    def parse(cls, value: object) -> "Policy":
        """Reads a policy. Raises `Unsupported` for a field that is not known, and `ValueError` for anything else."""
        if not isinstance(value, dict):
            raise ValueError(f"a policy is an object: {value!r}")
        known = [field.name for field in fields(cls)]
        for name in value:
            if name not in known:
                raise Unsupported(f"the policy has a field that this server does not know: {name}")
        for name in known:
            if name not in value or not _FITS[name](value[name]):
                raise ValueError(f"{name}: {value.get(name)!r}")
        return cls(**value)

    @property
    def any_origin(self) -> bool:
        return self.origins == ["*"]

    @property
    def any_method(self) -> bool:
        return self.methods == ["*"]

    @property
    def any_header(self) -> bool:
        return self.headers == ["*"]

    @property
    def exposes_any(self) -> bool:
        return self.expose == ["*"]

    def named(self, **options: str) -> dict:
        """Fields under the names that a middleware has for them; a `max_age` that is null is left out."""
        values = {option: getattr(self, field) for field, option in options.items()}
        return {option: value for option, value in values.items() if value is not None}

    def reject_star_with_credentials(self, field: str, option: str) -> None:
        """For an option that is sent as it stands: with credentials a star is a name like any other."""
        if self.credentials and getattr(self, field) == ["*"]:
            raise Unsupported(f"{option} is sent as it stands, and with credentials a star names nothing")

    @property
    def patterns(self) -> list[str]:
        """The entries of `origins` that stand for all subdomains of a name."""
        return [origin for origin in self.origins if "//*." in origin]

    @property
    def exact_origins(self) -> list[str]:
        """The entries of `origins` that stand for themselves."""
        return [origin for origin in self.origins if "//*." not in origin]


# One label or more of a host, for a middleware whose documentation shows no example of its own.
LABELS = r"[\w.-]+"


def regex_of(pattern: str, labels: str = LABELS) -> str:
    """A subdomain pattern as a regular expression without anchors, with `labels` in place of the star."""
    return re.escape(pattern).replace(r"\*", labels)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_seconds(value: object) -> bool:
    return value is None or (type(value) is int and value >= 0)


_FITS = {
    "origins": _is_names,
    "methods": _is_names,
    "headers": _is_names,
    "expose": _is_names,
    "credentials": lambda value: isinstance(value, bool),
    "max_age": _is_seconds,
}
