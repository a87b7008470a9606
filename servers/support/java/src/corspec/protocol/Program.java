package corspec.protocol;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.json.JSONException;
import org.json.JSONObject;

/** A middleware as a program that speaks the server protocol: JSON Lines on stdin and stdout. */
public final class Program {
    private static final Object NOTHING = new Object();

    private final Hello hello;
    private final Middleware middleware;
    private final PrintStream answers;
    private final Map<Object, CompletableFuture<Live>> lives = new ConcurrentHashMap<>();

    private Program(Hello hello, Middleware middleware, PrintStream answers) {
        this.hello = hello;
        this.middleware = middleware;
        this.answers = answers;
    }

    /** Runs until stdin ends, and then ends the process. */
    public static void run(Hello hello, Middleware middleware) throws Exception {
        var answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        // Whatever a framework prints must not get between the answers.
        System.setOut(System.err);
        Logger.getLogger("").setLevel(Level.OFF);
        new Program(hello, middleware, answers).listen();
        System.exit(0);
    }

    private void listen() throws IOException, InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JSONObject message;
            try {
                message = new JSONObject(line);
            } catch (JSONException broken) {
                System.err.println("no JSON: " + broken.getMessage());
                continue;
            }
            Object seq = seq(message);
            if (message.has("serve")) {
                lives.put(seq, new CompletableFuture<>());
            }
            workers.execute(() -> answer(seq, message));
        }
        workers.shutdown();
        workers.awaitTermination(10, TimeUnit.SECONDS);
    }

    private void answer(Object seq, JSONObject message) {
        try {
            if (message.has("hello")) {
                write("hello", hello.json());
            } else if (message.has("serve")) {
                serve(seq, message.getJSONObject("serve"));
            } else if (message.has("drop")) {
                drop(seq);
            } else {
                fail(seq, "an unknown message: " + message.keySet());
            }
        } catch (Throwable problem) {
            problem.printStackTrace();
            fail(seq, problem.toString());
        }
    }

    private static Object seq(JSONObject message) {
        for (String key : message.keySet()) {
            JSONObject body = message.optJSONObject(key);
            if (body != null && body.has("seq")) {
                return body.get("seq");
            }
        }
        return NOTHING;
    }

    private void serve(Object seq, JSONObject body) throws Exception {
        Live live = null;
        try {
            boolean withoutOptions = body.get("policy") == JSONObject.NULL;
            live = middleware.serve(withoutOptions ? null : Policy.of(body.getJSONObject("policy")));
            write("ready", answerTo(seq).put("url", live.url()));
        } catch (Unsupported unsupported) {
            JSONObject answer = answerTo(seq).put("reason", unsupported.getMessage());
            write("unsupported", answer.putOpt("issue", unsupported.issue()));
        } catch (Refused refused) {
            write("refused", answerTo(seq).put("reason", refused.getMessage()));
        } finally {
            lives.get(seq).complete(live);
        }
    }

    private void drop(Object seq) throws Exception {
        CompletableFuture<Live> live = lives.get(seq);
        if (live != null && live.get() != null) {
            lives.remove(seq);
            live.get().stop().run();
        }
        write("dropped", answerTo(seq));
    }

    private void fail(Object seq, String message) {
        if (seq != NOTHING) {
            write("failed", answerTo(seq).put("message", message));
        }
    }

    private static JSONObject answerTo(Object seq) {
        return new JSONObject().put("seq", seq);
    }

    private void write(String kind, JSONObject body) {
        answers.println(new JSONObject().put(kind, body));
    }
}
