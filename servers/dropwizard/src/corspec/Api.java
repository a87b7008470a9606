package corspec;

import corspec.jaxrs.Routes;
import corspec.jaxrs.TokenFilter;
import io.dropwizard.core.Application;
import io.dropwizard.core.Configuration;
import io.dropwizard.core.setup.Environment;
import java.util.Map;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** An application with the resource, behind the filter. */
final class Api extends Application<Configuration> {
    private final Map<String, String> cors;
    private Server server;

    Api(Map<String, String> cors) {
        this.cors = cors;
    }

    @Override
    public void run(Configuration configuration, Environment environment) {
        Cors.add(environment.servlets(), cors);
        environment.jersey().register(new Routes());
        environment.jersey().register(new TokenFilter());
        environment.lifecycle().addServerLifecycleListener(started -> server = started);
    }

    /** Dropwizard would end the process, and with it every other application. */
    @Override
    protected void onFatalError(Throwable error) {
        throw new IllegalStateException(error);
    }

    int port() {
        return ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    }

    void stop() throws Exception {
        server.stop();
    }
}
