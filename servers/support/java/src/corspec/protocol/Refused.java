package corspec.protocol;

import java.util.concurrent.Callable;

/** The middleware itself rejects the policy. */
public final class Refused extends RuntimeException {
    public Refused(String reason) {
        super(reason);
    }

    /** What {@code configure} returns; what it throws is the middleware's rejection. */
    public static <T> T unless(Callable<T> configure) {
        try {
            return configure.call();
        } catch (Unsupported unsupported) {
            throw unsupported;
        } catch (Exception rejection) {
            throw new Refused(rejection.getMessage());
        }
    }
}
