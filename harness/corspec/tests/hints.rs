//! The hints, applied to the real thing: each program under `hints/` with its hint in it must do what the policy says.
//!
//! A framework is tested where its folder in `servers/` has been set up, or where the program is installed; `CORSPEC_SERVERS`
//! names another folder with servers. What cannot run here is ignored with its reason, never passed.

#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use corspec::battery::Extent;
use corspec::own::report::{Look, human};
use corspec::own::{Class, Config, Framework, OwnRoute, Secrets, check, server_url};
use corspec_protocol::Policy;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// A hint, and what it is put into.
struct Applied {
    name: &'static str,
    file: &'static str,
    run: Run,
    /// The findings that no option of it can mend.
    lacks: &'static [&'static str],
}

enum Run {
    /// By node, with the modules of that folder of `servers/`.
    Node(&'static str),
    /// By the Python of that folder of `servers/`.
    Python(&'static str),
    /// By a program that reads a configuration.
    Installed(&'static str, &'static [&'static str]),
}

const ALL: [Applied; 14] = [
    Applied { name: "express", file: "express.cjs", run: Run::Node("express-cors"), lacks: &[] },
    Applied { name: "fastify", file: "fastify.cjs", run: Run::Node("fastify-cors"), lacks: &[] },
    Applied { name: "koa", file: "koa.cjs", run: Run::Node("koa-cors"), lacks: &[] },
    Applied { name: "hono", file: "hono.cjs", run: Run::Node("hono-node"), lacks: &[] },
    Applied { name: "hapi", file: "hapi.cjs", run: Run::Node("hapi"), lacks: &[] },
    Applied { name: "fastapi", file: "fastapi.py", run: Run::Python("fastapi"), lacks: &[] },
    Applied { name: "flask", file: "flask.py", run: Run::Python("flask-cors"), lacks: &[] },
    Applied { name: "django", file: "django.py", run: Run::Python("django-cors-headers"), lacks: &[] },
    Applied {
        name: "aiohttp",
        file: "aiohttp.py",
        run: Run::Python("aiohttp-cors"),
        lacks: &["errors-without-origin"],
    },
    Applied { name: "sanic", file: "sanic.py", run: Run::Python("sanic-ext"), lacks: &[] },
    Applied { name: "litestar", file: "litestar.py", run: Run::Python("litestar"), lacks: &[] },
    Applied {
        name: "nginx",
        file: "nginx.conf",
        run: Run::Installed("/usr/sbin/nginx", &["-c"]),
        lacks: &[],
    },
    Applied {
        name: "apache",
        file: "apache.conf",
        run: Run::Installed("/usr/sbin/apache2", &["-DFOREGROUND", "-f"]),
        lacks: &[],
    },
    Applied {
        name: "haproxy",
        file: "haproxy.cfg",
        run: Run::Installed("/usr/sbin/haproxy", &["-db", "-f"]),
        lacks: &[],
    },
];

fn main() -> ExitCode {
    let trials = ALL.into_iter().map(|applied| Trial::ignorable_test(applied.name, move || applied.test()));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn policy() -> Policy {
    let strings = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    Policy {
        origins: strings(&["https://app.example", "https://admin.example"]),
        methods: strings(&["GET", "PUT"]),
        headers: strings(&["X-Token"]),
        expose: strings(&["X-Request-Id"]),
        credentials: true,
        max_age: Some(600),
    }
}

impl Applied {
    fn test(&self) -> Result<Completion, Failed> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = match self.command(folder.path()) {
            Ok(command) => command,
            Err(reason) => return Ok(Completion::ignored_with(reason)),
        };
        let program = folder.path().join(self.file);
        std::fs::write(&program, self.program(folder.path(), port))?;
        std::fs::write(folder.path().join("items"), "{}")?;
        // Servers that start as root read their files as somebody else.
        make_readable(folder.path())?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        command.arg(&program).env("PORT", port.to_string()).stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        let _running = Running(command.spawn()?);
        let log = || std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        if !listens(port) {
            return Err(format!("it does not listen: {}", log()).into());
        }
        let mut config = Config::new(server_url(&format!("http://127.0.0.1:{port}")).unwrap(), policy());
        config.routes = vec![OwnRoute { methods: policy().methods, ..OwnRoute::read("/items") }];
        let runtime = tokio::runtime::Runtime::new()?;
        let checked = runtime.block_on(check(&config, Secrets::default(), Extent::Whole))?;
        let wrong = checked
            .findings
            .iter()
            .any(|finding| finding.class != Class::Untidy && !self.lacks.contains(&finding.code));
        if wrong || !checked.ran() {
            return Err(format!("{}\n{}", human(&checked, &Look::default()), log()).into());
        }
        Ok(Completion::Completed)
    }

    fn command(&self, folder: &Path) -> Result<Command, String> {
        let servers = std::env::var_os("CORSPEC_SERVERS").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../servers")),
            PathBuf::from,
        );
        match self.run {
            Run::Node(name) => {
                let modules = servers.join(name).join("node_modules");
                if !modules.exists() {
                    return Err(format!("servers/{name} is not set up: corspec servers setup {name}"));
                }
                let mut command = Command::new("node");
                command.env("NODE_PATH", modules);
                Ok(command)
            }
            Run::Python(name) => {
                let python = servers.join(name).join(".venv/bin/python");
                if !python.exists() {
                    return Err(format!("servers/{name} is not set up: corspec servers setup {name}"));
                }
                let mut command = Command::new(python);
                // The program must not be found as a module in place of the framework of its name.
                command.arg("-I").current_dir(folder);
                Ok(command)
            }
            Run::Installed(program, arguments) => {
                if !Path::new(program).exists() {
                    return Err(format!("{program} is not installed"));
                }
                let mut command = Command::new(program);
                command.args(arguments);
                Ok(command)
            }
        }
    }

    /// The program with the hint in it.
    fn program(&self, folder: &Path, port: u16) -> String {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hints").join(self.file);
        let hint = Framework::named(self.name).unwrap().hint(&policy());
        let hint = hint
            .replace("import { cors } from 'hono/cors';", "const { cors } = require('hono/cors');")
            .replace("Hapi.server({", "Hapi.server({ port: process.env.PORT, host: '127.0.0.1',")
            .replace("route_handlers=[...]", "route_handlers=[items]");
        let (above, hint) = hint.split_once("# location").unwrap_or(("", &hint));
        let hint = hint.strip_prefix(" { … };").map_or_else(|| hint.to_owned(), |rest| format!("# {rest}"));
        std::fs::read_to_string(template)
            .unwrap()
            .replace("{above}", above)
            .replace("{hint}", &hint)
            .replace("{folder}", &folder.to_string_lossy())
            .replace("{port}", &port.to_string())
    }
}

#[cfg(unix)]
fn make_readable(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn listens(port: u16) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

/// Ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Apache's children end with it only where it is asked to end.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let started = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && started.elapsed() < Duration::from_secs(3) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
