"""Cornice on Pyramid, on waitress."""

from pyramid.config import Configurator

from corspec_server import wsgi
from corspec_server.policy import Policy, Unsupported
from corspec_server.protocol import Instance, run
from routes import services


async def serve(policy: Policy | None) -> Instance:
    if policy is None:
        raise Unsupported("a service has CORS when it names origins, and not before")
    with Configurator() as config:
        config.include("cornice")
        for service in services(policy):
            config.add_cornice_service(service)
    return await wsgi.listen(config.make_wsgi_app())


if __name__ == "__main__":
    run(serve, framework="pyramid", middleware="cornice", issues="https://github.com/Cornices/cornice/issues")
