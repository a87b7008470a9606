import os
import uvicorn
from fastapi import FastAPI, Response

app = FastAPI()


@app.api_route("/items", methods=["GET", "PUT"])
def items(response: Response):
    response.headers["X-Request-Id"] = "1"
    return {}


{hint}
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error")
