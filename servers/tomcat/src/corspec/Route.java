package corspec;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;

/** A servlet of one handler, for some methods; to others it answers as servlets do. */
final class Route extends HttpServlet {
    private final Handler handler;
    private final Set<String> methods;

    Route(Handler handler, String... methods) {
        this.handler = handler;
        this.methods = Set.of(methods);
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (methods.contains(request.getMethod())) {
            handler.handle(request, response);
        } else {
            super.service(request, response);
        }
    }

    /** What a route does. */
    interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response) throws IOException;
    }
}
