package corspec

import corspec.protocol.Resource
import io.ktor.http.ContentType
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationCall
import io.ktor.server.application.install
import io.ktor.server.auth.Authentication
import io.ktor.server.auth.UserIdPrincipal
import io.ktor.server.auth.authenticate
import io.ktor.server.auth.bearer
import io.ktor.server.request.header
import io.ktor.server.response.header
import io.ktor.server.response.respond
import io.ktor.server.response.respondText
import io.ktor.server.routing.Route
import io.ktor.server.routing.delete
import io.ktor.server.routing.get
import io.ktor.server.routing.head
import io.ktor.server.routing.options
import io.ktor.server.routing.patch
import io.ktor.server.routing.post
import io.ktor.server.routing.put
import io.ktor.server.routing.route
import io.ktor.server.routing.routing

/** The resource, as routes. */
fun Application.resource() {
    install(Authentication) {
        bearer {
            authenticate { if (Resource.opens("Bearer ${it.token}")) UserIdPrincipal("page") else null }
        }
    }
    val resource = Resource()
    routing {
        route("/resource") { counted(resource) }
        get("/cacheable") {
            call.response.header(HttpHeaders.CacheControl, Resource.CACHE_CONTROL)
            call.respondResource()
        }
        route("/status/{code}") {
            get { call.respondStatus() }
            post { call.respondStatus() }
        }
        get("/error") { Resource.fail() }
        post("/error") { Resource.fail() }
        authenticate {
            get("/protected") { call.respondResource() }
        }
        get("/session") { call.respondJson(Resource.session(call.request.header(HttpHeaders.Cookie))) }
        route("/redirect") {
            get { call.redirect() }
            post { call.redirect() }
            put { call.redirect() }
        }
        options("/own-options") {
            call.response.header(HttpHeaders.Allow, Resource.OWN_ALLOW)
            call.respondText(Resource.OWN_OPTIONS)
        }
        get("/own-cors") {
            call.response.header(HttpHeaders.AccessControlAllowOrigin, Resource.LEGACY_ORIGIN)
            call.respondResource()
        }
        get("/hits") { call.respondJson(resource.hits()) }
    }
}

private fun Route.counted(resource: Resource) {
    suspend fun ApplicationCall.count() {
        resource.hit()
        respondResource()
    }
    get { call.count() }
    head { call.count() }
    post { call.count() }
    put { call.count() }
    patch { call.count() }
    delete { call.count() }
}

private suspend fun ApplicationCall.respondStatus() {
    val code = HttpStatusCode.fromValue(parameters["code"]!!.toInt())
    val body = Resource.status(code.value)
    if (body.isEmpty()) respond(code) else respondText(body, ContentType.Application.Json, code)
}

private suspend fun ApplicationCall.redirect() {
    response.header(HttpHeaders.Location, request.queryParameters["to"]!!)
    respond(HttpStatusCode.fromValue(request.queryParameters["status"]!!.toInt()))
}

private suspend fun ApplicationCall.respondResource() {
    Resource.HEADERS.forEach { (name, value) -> response.header(name, value) }
    respondJson(Resource.BODY)
}

private suspend fun ApplicationCall.respondJson(body: String) {
    respondText(body, ContentType.Application.Json)
}
