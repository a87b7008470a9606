package corspec

import corspec.protocol.Hello
import corspec.protocol.Library
import corspec.protocol.Live
import corspec.protocol.Policy
import corspec.protocol.Program
import corspec.protocol.Refused
import io.ktor.server.application.Application
import io.ktor.server.application.install
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.netty.Netty
import io.ktor.server.plugins.cors.CORSConfig
import io.ktor.server.plugins.cors.routing.CORS
import kotlinx.coroutines.runBlocking

/** Ktor's CORS plugin under test. */
fun main() {
    val hello = Hello(
        "ktor",
        "kotlin",
        Library.of("ktor", Application::class.java),
        Library.of(CORSConfig::class.java),
        "https://ktor.io/docs/server-cors.html",
        "https://youtrack.jetbrains.com/issues/KTOR",
        listOf(),
    )
    Program.run(hello, ::serve)
}

private fun serve(policy: Policy?): Live {
    val settings: CORSConfig.() -> Unit = if (policy == null) ({}) else ({ says(policy) })
    Refused.unless { CORSConfig().settings() }
    val server = embeddedServer(Netty, configure = {
        connector {
            host = "127.0.0.1"
            port = 0
        }
        connectionGroupSize = 1
        workerGroupSize = 1
        callGroupSize = 2
    }) {
        install(CORS, settings)
        resource()
    }
    server.start()
    val port = runBlocking { server.engine.resolvedConnectors().single().port }
    return Live.at(port) { server.stop(0, 1000) }
}
