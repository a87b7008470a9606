import os
import uvicorn
from litestar import Litestar, Response, route


@route("/items", http_method=["GET", "PUT"], status_code=200)
async def items() -> Response[dict]:
    return Response({}, headers={"X-Request-Id": "1"})


{hint}
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error")
