"""Versions, as the products tell them."""

import re
import subprocess


def version_of(command, pattern=r"([0-9]+(?:\.[0-9]+)+)"):
    """The first thing in a command's output that looks like a version."""
    try:
        told = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    except OSError as error:
        return f"unknown ({error})"
    found = re.search(pattern, told.stdout + told.stderr)
    return found[1] if found else "unknown"
