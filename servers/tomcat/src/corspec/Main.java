package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import corspec.protocol.Refused;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Tomcat's CorsFilter under test, in front of servlets. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "tomcat",
                Library.of("tomcat", Tomcat.class),
                Library.of("org.apache.catalina.filters.CorsFilter", Tomcat.class),
                "https://tomcat.apache.org/tomcat-11.0-doc/config/filter.html#CORS_Filter",
                "https://bz.apache.org/bugzilla/");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) throws Exception {
        Tomcat tomcat = new Tomcat();
        Connector connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("minSpareThreads", "1");
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        Cors cors = Cors.in(context, policy);
        Routes.add(context);
        tomcat.start();
        if (cors.rejection() != null) {
            stop(tomcat);
            throw new Refused(cors.rejection());
        }
        return Live.at(connector.getLocalPort(), () -> stop(tomcat));
    }

    private static void stop(Tomcat tomcat) throws Exception {
        tomcat.stop();
        tomcat.destroy();
    }
}
