"""A port that is nobody else's."""

import socket


class Port:
    """Held from the choice of its number on: bound, so that the kernel gives it to nobody, and not
    listening, so that the child can bind it too."""

    def __init__(self):
        self.holder = socket.socket()
        self.holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.holder.bind(("127.0.0.1", 0))
        self.number = self.holder.getsockname()[1]

    def close(self):
        self.holder.close()
