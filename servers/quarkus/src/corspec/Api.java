package corspec;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;

/** One application: it says on stdout where it listens, and ends as soon as its stdin does. */
@QuarkusMain
public class Api implements QuarkusApplication {
    @Inject
    HttpServer server;

    public static void main(String[] args) {
        Quarkus.run(Api.class, args);
    }

    @Override
    public int run(String... args) throws Exception {
        System.out.println(server.getPort());
        while (System.in.read() != -1) {
            continue;
        }
        return 0;
    }
}
