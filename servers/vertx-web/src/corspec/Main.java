package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import corspec.protocol.Refused;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.concurrent.TimeUnit;

/** Vert.x Web's CorsHandler under test, on a router. */
final class Main {
    private static final Vertx VERTX = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));

    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "vertx-web",
                Library.of(Vertx.class),
                Library.of("io.vertx.ext.web.handler.CorsHandler", CorsHandler.class),
                "https://vertx.io/docs/vertx-web/java/#_cors_handling",
                "https://github.com/vert-x3/vertx-web/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) throws Exception {
        CorsHandler cors = policy == null ? CorsHandler.create() : Refused.unless(() -> Cors.handler(policy));
        Router router = Router.router(VERTX);
        router.route().handler(cors);
        Routes.add(router);
        HttpServer server = VERTX.createHttpServer().requestHandler(router);
        await(server.listen(0, "127.0.0.1"));
        return Live.at(server.actualPort(), () -> await(server.close()));
    }

    private static <T> void await(Future<T> future) throws Exception {
        future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
