import os
from sanic import Sanic, json

app = Sanic("hint")
{hint}


@app.route("/items", methods=["GET", "PUT"])
async def items(_):
    return json({}, headers={"X-Request-Id": "1"})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), single_process=True, access_log=False, motd=False)
