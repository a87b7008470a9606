package app

import io.ktor.http.HttpMethod
import io.ktor.server.application.install
import io.ktor.server.engine.embeddedServer
import io.ktor.server.netty.Netty
import io.ktor.server.plugins.cors.routing.CORS
import io.ktor.server.response.header
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.put
import io.ktor.server.routing.routing

fun main() {
    embeddedServer(Netty, port = System.getenv("PORT").toInt(), host = "127.0.0.1") {
{hint}
        routing {
            get("/items") {
                call.response.header("X-Request-Id", "1")
                call.respondText("{}")
            }
            put("/items") {
                call.response.header("X-Request-Id", "1")
                call.respondText("{}")
            }
        }
    }.start(wait = true)
}
