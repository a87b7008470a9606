"""Shows CORScanner servers on loopback as if they were http://www.example.org.

Standard input: a port a line. Standard output: for each, a JSON list of the kinds of findings.
"""

import contextlib
import io
import json
import logging
import os
import sys

import CORScanner

sys.path.insert(0, os.path.dirname(CORScanner.__file__))

from common.corscheck import CORSCheck  # noqa: E402
from common.logger import Log  # noqa: E402
from urllib3.util import connection  # noqa: E402

logging.disable(logging.CRITICAL)
connect = connection.create_connection
port = 0


def connect_to_server(address, *rest, **named):
    host, _ = address
    if host != "www.example.org":
        raise OSError(f"{host} is not the server")
    return connect(("127.0.0.1", port), *rest, **named)


connection.create_connection = connect_to_server

for line in sys.stdin:
    port = int(line)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        quiet = {"logger": Log(None, print_level=4), "headers": None}
        found = CORSCheck("http://www.example.org/resource", quiet).check_all_in_parallel()
    print(json.dumps(sorted({one["type"] for one in found})), flush=True)
