"""Apache httpd, configured with what its reference documents: SetEnvIf knows the permitted origins, Header writes the
headers, and RewriteRule answers preflights.

https://httpd.apache.org/docs/2.4/mod/mod_headers.html
https://httpd.apache.org/docs/2.4/mod/mod_setenvif.html
https://httpd.apache.org/docs/2.4/rewrite/flags.html
"""

import re
import signal

from corspec_proxy import Product, every_answer, exposed, granted, regex_of, run, version_of

CONFIGURATION = """
ServerRoot "{folder}"
PidFile "{folder}/httpd.pid"
DefaultRuntimeDir "{folder}"
Mutex posixsem
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
ErrorLog "/dev/stderr"
LogLevel crit
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule rewrite_module {modules}/mod_rewrite.so
LoadModule setenvif_module {modules}/mod_setenvif.so
<IfModule unixd_module>
    User www-data
    Group www-data
</IfModule>
StartServers 1
ServerLimit 1
ThreadsPerChild 32
MaxRequestWorkers 32
KeepAliveTimeout 30

{origins}
SetEnvIf Request_Method "^OPTIONS$" OPTIONS
SetEnvIf Access-Control-Request-Method "." ASKS
# The resource's own word about origins is not the policy's.
Header onsuccess unset Access-Control-Allow-Origin
{headers}

RewriteEngine On
RewriteCond %{{ENV:OPTIONS}} .
RewriteCond %{{ENV:ASKS}} .
RewriteRule ^ - [E=PREFLIGHT:1,R=204,L]
ProxyPass "/" "http://127.0.0.1:{upstream}/"
"""


class ApacheHttpd(Product):
    name = "apache-httpd"
    language = "configuration"
    framework = f"apache httpd {version_of(['apache2', '-v'])}"
    middleware = f"mod_headers, mod_setenvif and mod_rewrite of {framework}"
    homepage = "https://httpd.apache.org/docs/2.4/mod/mod_headers.html"
    issues = "https://bz.apache.org/bugzilla/"
    stop_signal = signal.SIGTERM

    def command(self, policy, place):
        permitted = "" if policy.any_origin else "env=PERMITTED"
        headers = [
            *(header(name, value, permitted) for name, value in every_answer(policy, "%{PERMITTED}e")),
            *(header(name, value, "env=PREFLIGHT") for name, value in granted(policy, *ASKED)),
            *(header(name, value, "env=!PREFLIGHT") for name, value in exposed(policy)),
        ]
        if not policy.any_origin:
            headers.append("Header always merge Vary Origin")
        path = place.write(
            "httpd.conf",
            CONFIGURATION.format(
                folder=place.folder,
                port=place.port,
                upstream=place.upstream,
                modules="/usr/lib/apache2/modules",
                origins="\n".join(f'SetEnvIf Origin "{regex}" PERMITTED=$0' for regex in origins_of(policy)),
                headers="\n".join(headers),
            ),
        )
        return ["apache2", "-d", str(place.folder), "-f", path, "-DFOREGROUND"]


ASKED = ("expr=%{HTTP:Access-Control-Request-Method}", "expr=%{HTTP:Access-Control-Request-Headers}")


def origins_of(policy):
    for origin in policy.exact_origins:
        yield f"^{re.escape(origin)}$"
    yield from map(regex_of, policy.patterns)


def header(name, value, condition):
    """A percent sign of a plain value is written twice."""
    if not value.startswith(("expr=", "%{")):
        value = value.replace("%", "%%")
    return f'Header always set {name} "{value}" {condition}'


run(ApacheHttpd())
