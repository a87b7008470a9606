package app;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.startup.ContextConfig;
import org.apache.catalina.startup.Tomcat;

class App {
    public static class Items extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setHeader("X-Request-Id", "1");
            response.getWriter().write("{}");
        }
    }

    public static class Nothing extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.sendError(404);
        }
    }

    public static void main(String[] args) throws Exception {
        Path base = Files.createTempDirectory(Path.of("{folder}"), "tomcat");
        Path descriptor = Files.writeString(base.resolve("web.xml"), """
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
{hint}
<servlet><servlet-name>items</servlet-name><servlet-class>app.App$Items</servlet-class></servlet>
<servlet-mapping><servlet-name>items</servlet-name><url-pattern>/items</url-pattern></servlet-mapping>
<servlet><servlet-name>nothing</servlet-name><servlet-class>app.App$Nothing</servlet-class></servlet>
<servlet-mapping><servlet-name>nothing</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
</web-app>
""");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
        tomcat.getConnector();
        Context context = tomcat.addContext("", base.toString());
        context.setParentClassLoader(App.class.getClassLoader());
        context.setAltDDName(descriptor.toString());
        ContextConfig config = new ContextConfig();
        config.setDefaultWebXml(tomcat.noDefaultWebXmlPath());
        context.addLifecycleListener(config);
        tomcat.start();
        tomcat.getServer().await();
    }
}
