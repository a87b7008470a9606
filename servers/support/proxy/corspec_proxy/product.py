"""What a proxy has to say of itself."""

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Optional


class Unsupported(Exception):
    """The product has no documented way to say the policy."""

    def __init__(self, reason, issue=None):
        super().__init__(reason)
        self.issue = issue


class Refused(Exception):
    """The product itself rejects the policy."""


@dataclass(frozen=True)
class Place:
    """Where one policy is served."""

    folder: Path
    port: int
    upstream: Optional[int]

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


class Product:
    """One proxy, one process a policy, with the resource behind it, unless it has one of its own."""

    name = language = framework = middleware = runtime = homepage = issues = ""
    lacks = ()
    ready_path = "/session"
    has_resource_of_its_own = False
    has_quick_start = False
    stop_signal = signal.SIGKILL
    """What ends the process and all that it started. Workers outlive a master that was killed outright."""

    def command(self, policy, place):
        """Writes the configuration and returns the command that serves it. Without a policy it is the quick start's."""
        raise NotImplementedError

    def refusal(self, output):
        """The product's own words, if it ended because it rejects the policy."""
        return None

    def environment(self, place):
        return {}

    def hello(self):
        words = ("name", "language", "framework", "middleware", "runtime", "homepage", "issues")
        told = {word: getattr(self, word) for word in words if getattr(self, word)}
        return {"protocol": 1, **told, "lacks": list(self.lacks)}
