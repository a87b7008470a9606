use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, de::value::SeqAccessDeserializer};
use thiserror::Error;

use crate::command::CommandLine;
use crate::pins;

/// A server under test as its folder describes it: `servers/NAME` with its `server.yaml`.
///
/// ```yaml
/// name: express
/// language: javascript
/// homepage: https://expressjs.com
/// detect: [node, --version]
/// install: apt-get install nodejs npm
/// setup: [npm, ci]
/// lock: [package-lock.json]
/// run: [node, index.js]
/// memory: 200
/// ```
///
/// A command is a list of words, or a line for the shell; `setup` is one command or a list of lists.
/// All of them run in the folder, with the variables of `env` added to the environment. `lock` names the files
/// and folders that pin what `setup` makes: once one of them changes, the server is not set up any more. A server that
/// is compiled names its sources and the folder that it shares with others. `install` says how to get what `detect`
/// misses, and `memory` the MiB that the running server is counted with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerFolder {
    /// The folder.
    pub dir: PathBuf,
    /// What the server is called.
    pub name: String,
    /// The language it is written in.
    pub language: String,
    /// Where its middleware is documented.
    pub homepage: Option<String>,
    /// The command that succeeds where the toolchain is there.
    pub detect: CommandLine,
    /// How to get the toolchain, where its folder says so.
    pub install: Option<String>,
    /// The commands that make it ready to run, in order.
    pub setup: Vec<CommandLine>,
    /// The files and folders that pin what is set up, relative to the folder.
    pub lock: Vec<PathBuf>,
    /// The command that runs it, and speaks the server protocol.
    pub run: CommandLine,
    /// About how much memory it takes while it runs, in MiB.
    pub memory: u32,
}

/// What a server is counted with that does not say how much memory it takes, in MiB.
const MEMORY: u32 = 150;

impl ServerFolder {
    /// Reads a folder's `server.yaml`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or says something else than it may.
    pub fn read(dir: impl AsRef<Path>) -> Result<Self, FolderError> {
        let dir = dir.as_ref();
        let path = dir.join("server.yaml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(FolderError::Read { path, source }),
        };
        let described: Described = match serde_yaml::from_str(&text) {
            Ok(described) => described,
            Err(source) => return Err(FolderError::Invalid { path, source }),
        };
        let command = |words: Words| {
            let command = words.0.dir(dir);
            described.env.iter().fold(command, |command, (name, value)| command.env(name, value))
        };
        Ok(Self {
            dir: dir.to_owned(),
            name: described.name.0,
            language: described.language.0,
            homepage: described.homepage,
            detect: command(described.detect),
            install: described.install,
            setup: described.setup.0.into_iter().map(command).collect(),
            lock: described.lock,
            run: command(described.run),
            memory: described.memory.unwrap_or(MEMORY),
        })
    }

    /// Whether `setup` has succeeded since it, or what it installs, last changed. Without any `setup` there is nothing to do.
    pub fn is_set_up(&self) -> bool {
        self.setup.is_empty()
            || std::fs::read_to_string(self.stamp()).is_ok_and(|stamp| stamp == self.fingerprint())
    }

    /// Whether its `setup` compiles, and so keeps the cores and much memory busy for a while.
    pub fn compiles(&self) -> bool {
        self.setup.iter().any(CommandLine::compiles)
    }

    /// Forgets that `setup` has succeeded: while it runs, what it has made before is no longer whole.
    pub(crate) fn mark_not_set_up(&self) -> io::Result<()> {
        match std::fs::remove_file(self.stamp()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Remembers that `setup` has succeeded.
    pub(crate) fn mark_set_up(&self) -> io::Result<()> {
        std::fs::write(self.stamp(), self.fingerprint())
    }

    fn stamp(&self) -> PathBuf {
        self.dir.join(".set-up")
    }

    /// Of the commands, and of what pins the work that they do.
    fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        for command in &self.setup {
            command.to_string().hash(&mut hasher);
        }
        pins::hash(&self.dir, &self.lock, &mut hasher);
        format!("{:016x}\n", hasher.finish())
    }
}

/// Why a folder is no server.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// There is nothing to read.
    #[error("cannot read {}: {source}; a server is a folder with a server.yaml", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },

    /// It says something else than it may.
    #[error("{}{}: {source}", .path.display(), position(.source))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What it says, and what it may say.
        source: serde_yaml::Error,
    },
}

/// In the form that editors and terminals jump to.
fn position(error: &serde_yaml::Error) -> String {
    error.location().map(|at| format!(":{}:{}", at.line(), at.column())).unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    name: Filled,
    language: Filled,
    homepage: Option<String>,
    detect: Words,
    install: Option<String>,
    #[serde(default)]
    setup: Commands,
    #[serde(default)]
    lock: Vec<PathBuf>,
    run: Words,
    memory: Option<u32>,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

/// A text with something in it.
struct Filled(String);

impl<'de> Deserialize<'de> for Filled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.trim().is_empty() {
            return Err(de::Error::custom("expected a text that is not empty"));
        }
        Ok(Self(text))
    }
}

/// One command.
struct Words(CommandLine);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a command: a list of words such as [node, index.js], or a line for the shell")
    }

    fn visit_str<E: de::Error>(self, line: &str) -> Result<Words, E> {
        if line.trim().is_empty() {
            return Err(E::invalid_value(de::Unexpected::Str(line), &self));
        }
        Ok(Words(CommandLine::shell(line)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, words: A) -> Result<Words, A::Error> {
        let words: Vec<String> = Vec::deserialize(SeqAccessDeserializer::new(words))?;
        match words.split_first() {
            Some((program, args)) if !program.is_empty() => Ok(Words(CommandLine::new(program).args(args))),
            _ => Err(de::Error::invalid_value(de::Unexpected::Seq, &self)),
        }
    }
}

/// One command or several.
#[derive(Default)]
struct Commands(Vec<Words>);

impl<'de> Deserialize<'de> for Commands {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CommandsVisitor)
    }
}

struct CommandsVisitor;

impl<'de> Visitor<'de> for CommandsVisitor {
    type Value = Commands;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a command such as [npm, ci], a list of such commands, or a line for the shell")
    }

    fn visit_str<E: de::Error>(self, line: &str) -> Result<Commands, E> {
        WordsVisitor.visit_str(line).map(|words| Commands(vec![words]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Commands, A::Error> {
        let mut words = Vec::new();
        let mut commands = Vec::new();
        while let Some(item) = items.next_element()? {
            match item {
                Item::Word(word) if commands.is_empty() => words.push(word),
                Item::Command(command) if words.is_empty() => commands.push(command),
                _ => {
                    return Err(de::Error::invalid_value(
                        de::Unexpected::Other("words among commands"),
                        &self,
                    ));
                }
            }
        }
        match words.split_first() {
            Some((program, args)) => Ok(Commands(vec![Words(CommandLine::new(program).args(args))])),
            None => Ok(Commands(commands)),
        }
    }
}

enum Item {
    Word(String),
    Command(Words),
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word, or a command in brackets such as [npm, ci]")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Item, E> {
        Ok(Item::Word(word.to_owned()))
    }

    // `--port 8080` has a number among its words.
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Item, E> {
        Ok(Item::Word(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, words: A) -> Result<Item, A::Error> {
        WordsVisitor.visit_seq(words).map(Item::Command)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(yaml: &str) -> Result<ServerFolder, FolderError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("server.yaml"), yaml).unwrap();
        ServerFolder::read(dir.path())
    }

    fn error(yaml: &str) -> String {
        let error = read(yaml).unwrap_err().to_string();
        error[error.find("server.yaml").unwrap()..].to_owned()
    }

    const WHOLE: &str = "name: mine\nlanguage: go\nhomepage: https://mine.example\ndetect: [go, version]\n\
        setup: [go, build]\nlock: [go.sum]\nrun: [./mine, --port, 0]\nmemory: 64\nenv: {GOFLAGS: -mod=readonly}\n";

    #[test]
    fn reads_a_folder() {
        let folder = read(WHOLE).unwrap();
        assert_eq!((folder.name.as_str(), folder.language.as_str()), ("mine", "go"));
        assert_eq!(folder.homepage.as_deref(), Some("https://mine.example"));
        assert_eq!(folder.detect.to_string(), "go version");
        assert_eq!(folder.run.to_string(), "./mine --port 0");
        let expected =
            CommandLine::new("go").args(["build"]).dir(&folder.dir).env("GOFLAGS", "-mod=readonly");
        assert_eq!(folder.setup, [expected]);
        assert_eq!((&*folder.lock, folder.memory), (&[PathBuf::from("go.sum")][..], 64));
    }

    #[test]
    fn is_set_up_until_something_changes() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("server.yaml", WHOLE);
        write("go.sum", "one");
        let folder = || ServerFolder::read(dir.path()).unwrap();
        assert!(!folder().is_set_up());
        folder().mark_set_up().unwrap();
        assert!(folder().is_set_up());
        write("go.sum", "two");
        assert!(!folder().is_set_up());
        folder().mark_set_up().unwrap();
        write("server.yaml", &WHOLE.replace("build", "install"));
        assert!(!folder().is_set_up());
        write("server.yaml", &WHOLE.replace("setup: [go, build]", "setup: []"));
        assert!(folder().is_set_up());
    }

    #[rstest]
    #[case::absent("", &[])]
    #[case::line("setup: npm ci && npm run build\n", &["sh -c 'npm ci && npm run build'"])]
    #[case::one("setup: [npm, ci]\n", &["npm ci"])]
    #[case::several("setup: [[npm, ci], [npm, run, build]]\n", &["npm ci", "npm run build"])]
    #[case::none("setup: []\n", &[])]
    fn sets_up_in_any_number_of_steps(#[case] setup: &str, #[case] commands: &[&str]) {
        let folder =
            read(&format!("name: mine\nlanguage: js\ndetect: [node]\nrun: [node]\n{setup}")).unwrap();
        assert_eq!(folder.setup.iter().map(ToString::to_string).collect::<Vec<_>>(), commands);
    }

    #[rstest]
    #[case::unknown("unknown-key", &WHOLE.replace("run:", "rnu:"))]
    #[case::missing("missing-key", "name: mine\nlanguage: go\ndetect: [go]\n")]
    #[case::twice("key-twice", "name: mine\nname: yours\nlanguage: go\ndetect: [go]\nrun: [go]\n")]
    #[case::no_words("no-words", "name: mine\nlanguage: go\ndetect: [go]\nrun: []\n")]
    #[case::no_command("no-command", "name: mine\nlanguage: go\ndetect: true\nrun: [go]\n")]
    #[case::mixed(
        "words-among-commands",
        "name: mine\nlanguage: go\ndetect: [go]\nrun: [go]\nsetup: [go, [go, build]]\n"
    )]
    #[case::blank("blank-name", "name: ' '\nlanguage: go\ndetect: [go]\nrun: [go]\n")]
    #[case::no_yaml("no-yaml", "name: [mine\n")]
    fn says_where_and_what(#[case] name: &str, #[case] yaml: &str) {
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(format!("folder-{name}"), error(yaml));
        });
    }

    #[test]
    fn a_folder_needs_its_description() {
        let message = ServerFolder::read("/nowhere").unwrap_err().to_string();
        assert!(message.starts_with("cannot read /nowhere/server.yaml: "), "{message}");
    }

    #[rstest]
    fn the_servers_of_the_project_are_described(#[files("../../servers/*/server.yaml")] path: PathBuf) {
        let folder = ServerFolder::read(path.parent().unwrap()).unwrap();
        assert_eq!(folder.dir.file_name().unwrap().to_str(), Some(&*folder.name));
        assert_eq!(pins::missing(&folder.dir, &folder.lock).collect::<Vec<_>>(), [] as [&Path; 0]);
    }
}
