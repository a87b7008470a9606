"""The frame of an nginx that serves one policy."""

import re
import signal

from .product import Product
from .version import version_of

FRAME = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {around}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            {inside}
            proxy_pass http://127.0.0.1:{upstream};
        }}
    }}
}}
"""


class NginxProduct(Product):
    language = "configuration"
    framework = f"nginx {version_of(['nginx', '-v'])}"
    issues = "https://github.com/nginx/nginx/issues"
    # The workers of a master that was killed outright stay.
    stop_signal = signal.SIGTERM

    def location(self, policy):
        """What stands in the location, and what stands around the server."""
        raise NotImplementedError

    def refusal(self, output):
        """nginx has a limit to how long one parameter may be."""
        found = re.search(r"too long parameter.*? started", output)
        return found and found[0].removesuffix(" started")

    def command(self, policy, place):
        inside, around = self.location(policy)
        folder = place.folder
        configuration = FRAME.format(
            folder=folder, port=place.port, upstream=place.upstream, inside=inside, around=around
        )
        path = place.write("nginx.conf", configuration)
        return ["nginx", "-p", str(folder), "-e", "stderr", "-c", path]
