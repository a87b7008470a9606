//! The hints, applied to the real thing: each program under `hints/` with its hint in it must do what the policy says.
//!
//! A framework is tested where its folder in `servers/` has been set up, or where the program is installed; `CORSPEC_SERVERS`
//! names another folder with servers. What cannot run here is ignored with its reason, never passed.

#![expect(clippy::unwrap_used, reason = "this is a test")]

#[path = "hints/program.rs"]
mod program;
#[path = "hints/story.rs"]
mod story;

use std::path::Path;
use std::process::ExitCode;

use corspec::battery::Extent;
use corspec::own::report::{Look, human};
use corspec::own::{Cause, Checked, Class, Config, Framework, OwnRoute, Secrets, check, server_url};
use corspec_protocol::Policy;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use program::{NotRunning, Run, Running, start};

/// A hint, and what it is put into.
struct Applied {
    name: &'static str,
    file: &'static str,
    run: Run,
    /// The path that it serves.
    path: &'static str,
    /// The findings that no option of it can mend.
    lacks: &'static [Cause],
}

const fn applied(name: &'static str, file: &'static str, run: Run) -> Applied {
    Applied { name, file, run, path: "/items", lacks: &[] }
}

const ALL: [Applied; 34] = [
    applied("express", "express.cjs", Run::Node("express-cors")),
    applied("fastify", "fastify.cjs", Run::Node("fastify-cors")),
    applied("koa", "koa.cjs", Run::Node("koa-cors")),
    applied("hono", "hono.cjs", Run::Node("hono-node")),
    applied("hapi", "hapi.cjs", Run::Node("hapi")),
    applied("fastapi", "fastapi.py", Run::Python("fastapi")),
    applied("flask", "flask.py", Run::Python("flask-cors")),
    applied("django", "django.py", Run::Python("django-cors-headers")),
    Applied {
        lacks: &[Cause::ErrorsWithoutOrigin],
        ..applied("aiohttp", "aiohttp.py", Run::Python("aiohttp-cors"))
    },
    applied("sanic", "sanic.py", Run::Python("sanic-ext")),
    applied("litestar", "litestar.py", Run::Python("litestar")),
    applied("nginx", "nginx.conf", Run::Product("/usr/sbin/nginx", &["-c", "{file}"])),
    applied("apache", "apache.conf", Run::Product("/usr/sbin/apache2", &["-DFOREGROUND", "-f", "{file}"])),
    applied("haproxy", "haproxy.cfg", Run::Product("/usr/sbin/haproxy", &["-db", "-f", "{file}"])),
    applied(
        "caddy",
        "Caddyfile",
        Run::Product("caddy/.build/caddy", &["run", "--adapter", "caddyfile", "--config", "{file}"]),
    ),
    applied(
        "envoy",
        "envoy.yaml",
        Run::Product(
            "envoy/.venv/bin/envoy",
            &["--concurrency", "1", "--disable-hot-restart", "--log-level", "error", "-c", "{file}"],
        ),
    ),
    applied(
        "traefik",
        "traefik.yaml",
        Run::Product(
            "traefik/.venv/bin/traefik",
            &[
                "--entrypoints.cors.address=127.0.0.1:{port}",
                "--ping=true",
                "--ping.manualrouting=true",
                "--providers.file.filename={file}",
                "--log.level=ERROR",
            ],
        ),
    ),
    applied("nestjs", "nestjs.cjs", Run::Node("nestjs")),
    applied("rails", "rails.rb", Run::Ruby),
    applied("chi", "chi.go", Run::Go("chi-cors")),
    applied("echo", "echo.go", Run::Go("echo")),
    applied("fiber", "fiber.go", Run::Go("fiber")),
    applied("gin", "gin.go", Run::Go("gin-cors")),
    applied("gorilla", "gorilla.go", Run::Go("gorilla-handlers")),
    applied("rs-cors", "rs-cors.go", Run::Go("rs-cors")),
    applied("spring", "Spring.java", Run::Java("spring-mvc")),
    applied("spring-webflux", "SpringWebflux.java", Run::Java("spring-webflux")),
    Applied {
        lacks: &[Cause::UnlistedMethod, Cause::UnlistedHeader],
        ..applied("javalin", "Javalin.java", Run::Java("javalin"))
    },
    applied("ktor", "Ktor.kt", Run::Kotlin("ktor")),
    applied("tomcat", "Tomcat.java", Run::Java("tomcat")),
    Applied {
        path: "/resource",
        ..applied("micronaut", "Micronaut.java", Run::JavaWith("micronaut", "org/yaml/snakeyaml"))
    },
    Applied {
        path: "/resource",
        ..applied(
            "quarkus",
            "quarkus.properties",
            Run::Application(
                "quarkus",
                &["-Xmx128m", "-Dquarkus.config.locations={file}", "-jar", "{home}/target/server-runner.jar"],
            ),
        )
    },
    applied("warp", "warp.rs", Run::Rust("warp", &["warp", "tokio"])),
    applied("rocket", "rocket.rs", Run::Rust("rocket-cors", &["rocket", "rocket_cors"])),
];

fn main() -> ExitCode {
    let hints = ALL.into_iter().map(|applied| Trial::ignorable_test(applied.name, move || applied.test()));
    let stories = story::ALL.into_iter().map(|story| Trial::ignorable_test(story.name, move || story.test()));
    libtest_mimic::run(&Arguments::from_args(), hints.chain(stories).collect()).exit_code()
}

fn policy() -> Policy {
    let strings = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    Policy {
        origins: strings(&["https://app.example", "https://admin.example"]),
        methods: strings(&["GET", "PUT"]),
        headers: strings(&["X-Token", "Authorization"]),
        expose: strings(&["X-Request-Id"]),
        credentials: true,
        max_age: Some(600),
    }
}

impl Applied {
    fn test(&self) -> Result<Completion, Failed> {
        let hint = Framework::named(self.name).unwrap().hint(&policy());
        let text = template(self.file, &hint);
        match ask(
            start(self.run, self.file, self.path, |folder, port| placed(&text, folder, port)),
            self.path,
        )? {
            Outcome::Checked(checked, log) => is_right(&checked, self.lacks, &log),
            Outcome::Unavailable(reason) => Ok(Completion::ignored_with(reason)),
        }
    }
}

/// The program with the hint in it. A hint of two parts, with an empty line between them, goes to two places.
fn template(file: &str, hint: &str) -> String {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hints").join(file);
    let hint = hint
        .replace("import { cors } from 'hono/cors';", "const { cors } = require('hono/cors');")
        .replace("Hapi.server({", "Hapi.server({ port: process.env.PORT, host: '127.0.0.1',")
        .replace("route_handlers=[...]", "route_handlers=[items]");
    let (above, below) = hint.split_once("\n\n").unwrap_or((&hint, ""));
    let template = std::fs::read_to_string(template).unwrap();
    let lines = template.lines().map(|line| {
        let placeholder = line.trim_start();
        let part = match placeholder {
            "{above}" => above,
            "{below}" => below,
            "{hint}" => &hint,
            _ => return line.to_owned(),
        };
        // Where a placeholder is indented, so is every line of the hint.
        let indent = &line[..line.len() - placeholder.len()];
        part.lines().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The program in its place.
fn placed(text: &str, folder: &Path, port: u16) -> String {
    text.replace("{folder}", &folder.to_string_lossy()).replace("{port}", &port.to_string())
}

/// What came of it.
enum Outcome {
    Checked(Box<Checked>, String),
    Unavailable(String),
}

/// Holds what runs against the policy.
fn ask(running: Result<Running, NotRunning>, path: &str) -> Result<Outcome, Failed> {
    let running = match running {
        Ok(running) => running,
        Err(NotRunning::Unavailable(reason)) => return Ok(Outcome::Unavailable(reason)),
        Err(NotRunning::Broken(reason)) => return Err(reason.into()),
    };
    let mut config =
        Config::new(server_url(&format!("http://127.0.0.1:{}", running.port)).unwrap(), policy());
    config.routes = vec![OwnRoute {
        methods: policy().methods,
        // user:password, where a login is asked for.
        headers: vec![("Authorization".to_owned(), "Basic dXNlcjpwYXNzd29yZA==".to_owned())],
        ..OwnRoute::read(path)
    }];
    let runtime = tokio::runtime::Runtime::new()?;
    let checked = runtime.block_on(check(&config, Secrets::default(), Extent::Whole))?;
    Ok(Outcome::Checked(Box::new(checked), running.log()))
}

fn is_right(checked: &Checked, lacks: &[Cause], log: &str) -> Result<Completion, Failed> {
    let mut bad = checked.findings.iter().filter(|finding| finding.class != Class::Untidy);
    if bad.any(|finding| !lacks.contains(&finding.cause)) || !checked.ran() {
        return Err(format!("{}\n{log}", human(checked, &Look::default())).into());
    }
    Ok(Completion::Completed)
}
