"""Flask-Cors on Flask, on waitress."""

from flask import Flask

from corspec_server import wsgi
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import add_cors
from routes import add_routes


async def serve(policy: Policy | None) -> Instance:
    app = Flask(__name__)
    add_cors(app, policy)
    add_routes(app)
    return await wsgi.listen(app)


if __name__ == "__main__":
    run(serve, framework="flask", middleware="flask-cors", issues="https://github.com/corydolphin/flask-cors/issues")
