"""An application of Robyn's that allows CORS."""

import socket
import threading
import time
from collections.abc import Callable

from robyn import ALLOW_CORS, Robyn
from robyn.argument_parser import Config

from routes import add_routes


def main(cors: dict, ready: Callable[[int], None]) -> None:
    # As `--log-level WARN --disable-openapi` would have it.
    config = Config()
    config.log_level = "WARN"
    config.disable_openapi = True
    app = Robyn(__file__, config)
    ALLOW_CORS(app, **cors)
    add_routes(app)
    # Robyn wants to be told a port, and shares it: bound here and never listened to, it is nobody else's.
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        threading.Thread(target=announce, args=(port, ready), daemon=True).start()
        app.start("127.0.0.1", port, _check_port=False)


def announce(port: int, ready: Callable[[int], None]) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.005)
    ready(port)
