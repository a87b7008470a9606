"""django-cors-headers on Django, on uvicorn. Django's settings are those of a process, so each policy has one."""

from corspec_server import process
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import settings_of
from project import main


async def serve(policy: Policy | None) -> Instance:
    return await process.listen(main, {} if policy is None else settings_of(policy))


if __name__ == "__main__":
    run(
        serve,
        framework="django",
        middleware="django-cors-headers",
        issues="https://github.com/adamchainz/django-cors-headers/issues",
    )
