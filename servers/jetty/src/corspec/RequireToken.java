package corspec;

import corspec.protocol.Resource;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Lets nobody through without the token. */
final class RequireToken extends Handler.Wrapper {
    RequireToken(Handler handler) {
        super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (Resource.opens(request.getHeaders().get(HttpHeader.AUTHORIZATION))) {
            return super.handle(request, response, callback);
        }
        response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, Resource.CHALLENGE);
        Response.writeError(request, response, callback, HttpStatus.UNAUTHORIZED_401);
        return true;
    }
}
