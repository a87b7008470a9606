package corspec.protocol;

/** A middleware under test. */
public interface Middleware {
    /**
     * Serves the resource under a policy; {@code null} stands for the middleware as its quick start shows it.
     *
     * @throws Unsupported if the middleware has no way to say the policy
     * @throws Refused if the middleware rejects it
     */
    Live serve(Policy policy) throws Exception;
}
