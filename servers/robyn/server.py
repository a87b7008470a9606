"""Robyn with ALLOW_CORS, on its own server, which takes a process of its own."""

from application import main

from corspec_server import process
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import arguments_of


async def serve(policy: Policy | None) -> Instance:
    return await process.listen(main, arguments_of(policy))


if __name__ == "__main__":
    run(serve, framework="robyn", middleware="robyn", issues="https://github.com/sparckles/Robyn/issues")
