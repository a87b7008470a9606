package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import corspec.protocol.Refused;
import corspec.protocol.Unsupported;
import io.javalin.Javalin;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Javalin's CORS plugin under test. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "javalin",
                Library.of(Javalin.class),
                Library.of("javalin's CORS plugin", Javalin.class),
                "https://javalin.io/plugins/cors",
                "https://github.com/javalin/javalin/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) {
        if (policy == null) {
            throw new Unsupported("the plugin insists on a rule, and a rule on origins");
        }
        Javalin app = Refused.unless(() -> Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.startup.startupWatcherEnabled = false;
            config.jetty.threadPool = new QueuedThreadPool(8, 2);
            config.bundledPlugins.enableCors(cors -> cors.addRule(rule -> Cors.configure(rule, policy)));
            Routes.add(config.routes);
        }));
        app.start("127.0.0.1", 0);
        return Live.at(app.port(), app::stop);
    }
}
