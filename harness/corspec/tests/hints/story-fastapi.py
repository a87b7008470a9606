import os
import uvicorn
from fastapi import FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"], allow_headers=["*"])  # mistake


@app.api_route("/items", methods=["GET", "PUT"])
def items(response: Response):
    response.headers["X-Request-Id"] = "1"
    return {}


{hint}
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error")
