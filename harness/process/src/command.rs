use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program, its arguments, and where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    program: String,
    args: Vec<String>,
    dir: Option<PathBuf>,
    env: BTreeMap<String, String>,
}

impl CommandLine {
    /// A program without arguments. A path with a separator is looked up in the working directory, any
    /// other name on the search path.
    pub fn new(program: impl Into<String>) -> Self {
        Self { program: program.into(), args: Vec::new(), dir: None, env: BTreeMap::new() }
    }

    /// A line that the system's shell takes apart.
    pub fn shell(line: impl Into<String>) -> Self {
        let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
        Self::new(shell).args([flag.to_owned(), line.into()])
    }

    /// Adds arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets the working directory.
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// Adds to the environment, or replaces in it.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// The program, as named.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Where it runs, if not where the harness does.
    pub fn working_dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// Whether one of its words is a compiler, or what drives one; a script under `support` counts as such.
    pub(crate) fn compiles(&self) -> bool {
        let words = std::iter::once(&self.program).chain(&self.args);
        let names = words.flat_map(|word| word.split_ascii_whitespace()).map(|word| {
            word.rsplit(['/', '\\'])
                .next()
                .unwrap_or_default()
                .trim_end_matches(|char: char| !char.is_alphanumeric())
        });
        let mut names = names.map(|name| name.strip_suffix(".exe").unwrap_or(name));
        names.any(|name| COMPILERS.contains(&name)) || self.program.ends_with("/setup")
    }

    pub(crate) fn to_std(&self) -> Command {
        // Whether a relative program means the harness's directory or the program's own differs between
        // systems, so both are made absolute.
        let dir = self.dir.as_ref().map(|dir| std::path::absolute(dir).unwrap_or_else(|_| dir.clone()));
        let is_path = self.program.contains('/') || self.program.contains(std::path::MAIN_SEPARATOR);
        let mut command = match &dir {
            Some(dir) if is_path => Command::new(dir.join(&self.program)),
            _ => Command::new(&self.program),
        };
        command.args(&self.args).envs(&self.env);
        if let Some(dir) = dir {
            command.current_dir(dir);
        }
        command
    }
}

/// What works hard.
const COMPILERS: [&str; 22] = [
    "cabal", "cargo", "clang", "cmake", "crystal", "dotnet", "gcc", "ghc", "go", "gradle", "gradlew",
    "javac", "make", "mix", "mvn", "mvnw", "nim", "sbt", "stack", "swift", "tsc", "zig",
];

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_word(f, &self.program)?;
        self.args.iter().try_for_each(|arg| {
            f.write_str(" ")?;
            write_word(f, arg)
        })
    }
}

fn write_word(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@%+,".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        return f.write_str(word);
    }
    write!(f, "'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain(CommandLine::new("npm").args(["ci", "--no-audit"]), "npm ci --no-audit")]
    #[case::quoted(CommandLine::new("a b").args(["", "it's"]), r"'a b' '' 'it'\''s'")]
    fn can_be_pasted(#[case] command: CommandLine, #[case] line: &str) {
        assert_eq!(command.to_string(), line);
    }

    #[rstest]
    #[case::node(CommandLine::new("npm").args(["ci", "--no-audit"]), false)]
    #[case::python(CommandLine::new(".venv/bin/pip").args(["install", "go-things"]), false)]
    #[case::go(CommandLine::new("go").args(["build"]), true)]
    #[case::wrapper(CommandLine::new("./mvnw").args(["package"]), true)]
    #[case::line(CommandLine::shell("cd x && cargo build; ls"), true)]
    #[case::typescript(CommandLine::new("npx").args(["--no-install", "tsc"]), true)]
    #[case::script(CommandLine::new("../support/java/setup"), true)]
    fn compilers_are_known(#[case] command: CommandLine, #[case] compiles: bool) {
        assert_eq!(command.compiles(), compiles);
    }

    #[test]
    fn a_relative_program_lies_in_its_directory() {
        let command = CommandLine::new("./serve").dir("servers/mine").to_std();
        assert_eq!(Path::new(command.get_program()), command.get_current_dir().unwrap().join("./serve"));
        assert!(command.get_current_dir().unwrap().is_absolute());
        assert_eq!(CommandLine::new("node").dir("servers/mine").to_std().get_program(), "node");
    }
}
