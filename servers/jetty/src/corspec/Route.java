package corspec;

import java.util.Set;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A handler for some methods, which answers with a text; others are not allowed. */
final class Route extends Handler.Abstract {
    private final Answer answer;
    private final Set<String> methods;

    Route(Answer answer, String... methods) {
        this.answer = answer;
        this.methods = Set.of(methods);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!methods.contains(request.getMethod())) {
            Response.writeError(request, response, callback, HttpStatus.METHOD_NOT_ALLOWED_405);
            return true;
        }
        // What nobody reads would cost the connection.
        Content.Source.consumeAll(request);
        Content.Sink.write(response, true, answer.to(request, response), callback);
        return true;
    }

    /** What a route does. */
    interface Answer {
        String to(Request request, Response response);
    }
}
