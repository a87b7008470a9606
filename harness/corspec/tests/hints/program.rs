//! A program with a hint in it: built where it has to be, started, and ended with the test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// By what a program is run. Names are those of folders of `servers/`, whose dependencies are used.
#[derive(Clone, Copy)]
pub enum Run {
    /// By node, with the modules of that folder.
    Node(&'static str),
    /// By the Python of that folder.
    Python(&'static str),
    /// By Ruby, with the libraries of the system.
    Ruby,
    /// Built by Go, with the modules of that folder.
    Go(&'static str),
    /// Compiled by javac, with the libraries of that folder; the class `app.App` is run.
    Java(&'static str),
    /// As `Java`, with one more library out of Maven's repository.
    JavaWith(&'static str, &'static str),
    /// Compiled by Kotlin's compiler out of Maven's repository, with the libraries of that folder; the file's own class is run.
    Kotlin(&'static str),
    /// Compiled by rustc, with these crates of that folder.
    Rust(&'static str, &'static [&'static str]),
    /// A configuration of the application that was built in that folder: how java is called.
    Application(&'static str, &'static [&'static str]),
    /// A configuration of a program in that folder, or anywhere where the path is absolute: how it is called.
    Product(&'static str, &'static [&'static str]),
}

/// It listens.
pub struct Running {
    child: Child,
    pub port: u16,
    folder: tempfile::TempDir,
}

/// Why nothing listens.
pub enum NotRunning {
    /// What it needs is not here.
    Unavailable(String),
    Broken(String),
}

impl From<std::io::Error> for NotRunning {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Where the servers have been set up.
fn servers() -> PathBuf {
    std::env::var_os("CORSPEC_SERVERS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../servers")), PathBuf::from)
}

/// What a folder of `servers/` must hold, once it is set up.
fn set_up(name: &str, what: &str) -> Result<PathBuf, NotRunning> {
    let path = servers().join(name).join(what);
    if path.exists() {
        return Ok(path);
    }
    Err(NotRunning::Unavailable(if Path::new(what).is_absolute() {
        format!("{what} is not installed")
    } else {
        format!("servers/{name} is not set up: corspec servers setup {name}")
    }))
}

/// Writes the program `file`, of which `text` makes the text for a folder and a port, and runs it until it answers for `path`.
pub fn start(
    run: Run,
    file: &str,
    path: &str,
    text: impl FnOnce(&Path, u16) -> String,
) -> Result<Running, NotRunning> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let program = folder.path().join(file);
    // What is missing is told before anything is written.
    let ready = run.ready()?;
    std::fs::write(&program, text(folder.path(), port))?;
    std::fs::write(folder.path().join("items"), "{}")?;
    // Servers that start as root read their files as somebody else.
    make_readable(folder.path())?;
    let mut command = run.command(&ready, folder.path(), &program, port)?;
    let log = std::fs::File::create(folder.path().join("log"))?;
    command.env("PORT", port.to_string()).env("HOME", folder.path());
    // A program that reads its stdin ends where that does.
    command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
    let mut running = Running { child: command.spawn()?, port, folder };
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) && matches!(running.child.try_wait(), Ok(None)) {
        // Some listen before they know what to answer.
        if answers(port, path).is_some_and(|status| !status.starts_with('4') || status == "401") {
            return Ok(running);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(NotRunning::Broken(format!("it does not answer: {}", running.log())))
}

/// A port that no connection from here takes in the meantime.
fn free_port() -> std::io::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 100).unwrap_or_default() * 100;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 10_000;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
}

/// The status with which GET is answered.
fn answers(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    Some(line.split(' ').nth(1)?.to_owned())
}

impl Run {
    /// Where what it needs is, if that is here.
    fn ready(self) -> Result<PathBuf, NotRunning> {
        match self {
            Self::Node(name) => set_up(name, "node_modules"),
            Self::Python(name) => set_up(name, ".venv/bin/python"),
            Self::Ruby => set_up("rack-cors", "/usr/lib/ruby/vendor_ruby/rack/cors.rb"),
            Self::Go(name) => {
                set_up(name, ".build")?;
                set_up(name, "go.mod")
            }
            Self::Java(name) | Self::JavaWith(name, _) | Self::Application(name, _) => {
                set_up(name, "target/lib")
            }
            Self::Kotlin(name) => {
                let home = std::env::var("HOME").unwrap_or_default();
                set_up(
                    name,
                    &format!("{home}/.m2/repository/org/jetbrains/kotlin/kotlin-compiler-embeddable"),
                )?;
                set_up(name, "target/lib")
            }
            Self::Rust(name, _) => set_up(name, "target/release/deps"),
            Self::Product(path, _) => match path.split_once('/') {
                Some((name, program)) if !name.is_empty() => set_up(name, program),
                _ => set_up("", path),
            },
        }
    }

    fn command(self, ready: &Path, folder: &Path, program: &Path, port: u16) -> Result<Command, NotRunning> {
        let fill = |argument: &str| {
            argument
                .replace("{folder}", &folder.to_string_lossy())
                .replace("{file}", &program.to_string_lossy())
                .replace("{port}", &port.to_string())
        };
        match self {
            Self::Node(_) => {
                let mut command = Command::new("node");
                command.env("NODE_PATH", ready).arg(program);
                Ok(command)
            }
            Self::Python(_) => {
                let mut command = Command::new(ready);
                // The program must not be found as a module in place of the framework of its name.
                command.arg("-I").current_dir(folder).arg(program);
                Ok(command)
            }
            Self::Ruby => {
                let mut command = Command::new("ruby");
                command.arg(program);
                Ok(command)
            }
            Self::Go(name) => {
                let home = servers().join(name);
                let support = std::path::absolute(servers().join("support/go"))?;
                let modules = std::fs::read_to_string(ready)?;
                let modules = modules.replace("../support/go", &support.to_string_lossy());
                std::fs::write(folder.join("go.mod"), modules)?;
                std::fs::copy(home.join("go.sum"), folder.join("go.sum"))?;
                let mut build = Command::new("go");
                build.args(["build", "-mod=mod", "-o", "program", "."]).current_dir(folder);
                finish(build.env("GOPROXY", "off"))?;
                Ok(Command::new(folder.join("program")))
            }
            Self::Java(_) | Self::JavaWith(..) => {
                let classes = ready.with_file_name("classes");
                let more = if let Self::JavaWith(_, more) = self { maven(&[more]) } else { String::new() };
                let libraries = format!("{}/*:{}:{more}", ready.display(), classes.display());
                finish(Command::new("javac").args(["-cp", &libraries, "-d"]).arg(folder).arg(program))?;
                Ok(java(&format!("{}:{libraries}", folder.display()), "app.App"))
            }
            Self::Kotlin(_) => {
                let libraries = format!("{}/*", ready.display());
                let mut compile = java(&maven(KOTLIN), "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler");
                let listed: Vec<String> = std::fs::read_dir(ready)?
                    .filter_map(|jar| Some(jar.ok()?.path().to_string_lossy().into_owned()))
                    .collect();
                compile.args(["-no-stdlib", "-no-reflect", "-cp", &listed.join(":"), "-d"]);
                finish(compile.arg(folder).arg(program))?;
                let file = program.file_stem().unwrap_or_default().to_string_lossy();
                let class = format!("app.{file}Kt");
                Ok(java(&format!("{}:{libraries}", folder.display()), &class))
            }
            Self::Rust(_, crates) => {
                let built = folder.join("program");
                let mut compile = Command::new("rustc");
                compile.args(["--edition", "2024", "-o"]).arg(&built);
                compile.arg("-L").arg(format!("dependency={}", ready.display()));
                for name in crates {
                    compile.arg("--extern").arg(format!("{name}={}", library(ready, name)?.display()));
                }
                finish(compile.arg(program))?;
                Ok(Command::new(built))
            }
            Self::Application(name, arguments) => {
                let mut command = Command::new("java");
                let home = std::path::absolute(servers().join(name))?;
                let fill = |argument: &&str| fill(argument).replace("{home}", &home.to_string_lossy());
                command.args(arguments.iter().map(fill)).current_dir(folder);
                Ok(command)
            }
            Self::Product(_, arguments) => {
                let mut command = Command::new(ready);
                command.args(arguments.iter().map(|argument| fill(argument)));
                Ok(command)
            }
        }
    }
}

fn java(path: &str, class: &str) -> Command {
    let mut command = Command::new("java");
    command.args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", path, class]);
    command
}

/// Kotlin's compiler and what it needs.
const KOTLIN: &[&str] = &[
    "org/jetbrains/kotlin/kotlin-compiler-embeddable",
    "org/jetbrains/kotlin/kotlin-stdlib",
    "org/jetbrains/kotlin/kotlin-script-runtime",
    "org/jetbrains/kotlin/kotlin-reflect",
    "org/jetbrains/kotlin/kotlin-daemon-embeddable",
    "org/jetbrains/kotlinx/kotlinx-coroutines-core-jvm",
    "org/jetbrains/annotations",
];

/// The newest libraries of these in Maven's repository, as a class path.
fn maven(folders: &[&str]) -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    let repository = PathBuf::from(home).join(".m2/repository");
    let mut jars = Vec::new();
    for folder in folders {
        let versions = std::fs::read_dir(repository.join(folder)).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = versions
            .flat_map(|version| std::fs::read_dir(version.path()).into_iter().flatten().flatten())
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "jar"))
            .collect();
        found.sort();
        jars.extend(found.pop().map(|jar| jar.to_string_lossy().into_owned()));
    }
    jars.join(":")
}

/// The library of a crate, as cargo left it.
fn library(folder: &Path, name: &str) -> Result<PathBuf, NotRunning> {
    let start = format!("lib{name}-");
    let libraries = std::fs::read_dir(folder)?.filter_map(|file| {
        let path = file.ok()?.path();
        let file = path.file_name()?.to_str()?.to_owned();
        (file.starts_with(&start) && file.ends_with(".rlib")).then_some(path)
    });
    libraries
        .max_by_key(|path| path.metadata().and_then(|file| file.modified()).ok())
        .ok_or_else(|| NotRunning::Broken(format!("there is no {start}*.rlib in {}", folder.display())))
}

/// Runs what builds.
fn finish(command: &mut Command) -> Result<(), NotRunning> {
    let done = command.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    Err(NotRunning::Broken(format!("it cannot be built: {said}")))
}

impl Running {
    /// What it has written, as far as anybody wants to read it.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        log.lines().take(30).collect::<Vec<_>>().join("\n")
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

impl Drop for Running {
    fn drop(&mut self) {
        // Apache's children end with it only where it is asked to end.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let started = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && started.elapsed() < Duration::from_secs(3) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
