package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty's CrossOriginHandler under test, in front of handlers. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "jetty",
                Library.of("jetty", Server.class),
                Library.of("org.eclipse.jetty.server.handler.CrossOriginHandler", CrossOriginHandler.class),
                "https://jetty.org/docs/jetty/12.1/programming-guide/server/http.html#handler-use-cross-origin",
                "https://github.com/jetty/jetty.project/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) throws Exception {
        CrossOriginHandler cors = policy == null ? new CrossOriginHandler() : Cors.handler(policy);
        cors.setHandler(Routes.handler());
        Server server = new Server(new QueuedThreadPool(8, 2));
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(cors);
        server.start();
        return Live.at(connector.getLocalPort(), server::stop);
    }
}
