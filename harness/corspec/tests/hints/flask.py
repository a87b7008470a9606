import os
from flask import Flask, jsonify

app = Flask(__name__)
{hint}


@app.route("/items", methods=["GET", "PUT"])
def items():
    return jsonify({}), 200, {"X-Request-Id": "1"}


app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True)
