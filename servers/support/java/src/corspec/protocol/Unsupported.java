package corspec.protocol;

/** The middleware has no way to say the policy. */
public final class Unsupported extends RuntimeException {
    private final String issue;

    public Unsupported(String reason) {
        this(reason, null);
    }

    /** {@code issue} is a URL of the middleware's tracker. */
    public Unsupported(String reason, String issue) {
        super(reason);
        this.issue = issue;
    }

    String issue() {
        return issue;
    }
}
