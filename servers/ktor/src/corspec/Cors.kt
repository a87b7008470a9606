package corspec

import corspec.protocol.Policy
import corspec.protocol.Unsupported
import io.ktor.http.HttpMethod
import io.ktor.server.plugins.cors.CORSConfig

/** The policy, said as https://ktor.io/docs/server-cors.html shows. */
fun CORSConfig.says(policy: Policy) {
    policy.origins.forEach { allow(it) }
    if (policy.anyMethod()) anyMethod() else policy.methods.forEach { allowMethod(HttpMethod(it)) }
    if (policy.anyHeader()) {
        allowHeaders { true }
        allowNonSimpleContentTypes = true
    } else {
        policy.headers.forEach { allowHeader(it) }
    }
    if (policy.exposesAny()) throw Unsupported("exposeHeader takes names, and no wildcard")
    policy.expose.forEach { exposeHeader(it) }
    allowCredentials = policy.credentials
    policy.maxAge?.let { maxAgeInSeconds = it }
}

/** A host may begin with a wildcard; the opaque origin has no host, and is left to a predicate. */
private fun CORSConfig.allow(origin: String) {
    when (origin) {
        "*" -> anyHost()
        "null" -> allowOrigins { it == "null" }
        else -> {
            val (scheme, host) = origin.split("://")
            allowHost(host, schemes = listOf(scheme))
        }
    }
}
