package app;

import io.javalin.Javalin;
import io.javalin.http.Handler;

class App {
    public static void main(String[] args) {
        Handler items = context -> context.header("X-Request-Id", "1").result("{}");
        Javalin app = Javalin.create(config -> {
            {hint}
            config.routes.get("/items", items);
            config.routes.put("/items", items);
        });
        app.start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
