//! `corspec servers list`

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use corspec::report::matrix::Matrix;
use corspec::report::printable::printable;
use corspec_process::{Readiness, ServerFolder, detect};
use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::cli::{Ending, Failure, folders, matrix, program, subjects};

/// How many toolchains are asked for at once.
const AT_ONCE: usize = 8;

#[derive(Args)]
pub(crate) struct List {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// A server, as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// The middleware and its version, where the last run has told.
    #[serde(skip_serializing_if = "Option::is_none")]
    middleware: Option<String>,
    state: State,
    /// Why it is in that state.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Embedded,
    Ready,
    NotSetUp,
    ToolchainMissing,
    /// Its folder says something that it may not.
    Mistaken,
}

impl State {
    const ALL: [Self; 5] =
        [Self::Embedded, Self::Ready, Self::NotSetUp, Self::ToolchainMissing, Self::Mistaken];

    const fn words(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Ready => "ready",
            Self::NotSetUp => "not set up",
            Self::ToolchainMissing => "toolchain missing",
            Self::Mistaken => "mistaken",
        }
    }
}

impl List {
    pub(super) async fn execute(self) -> Result<Ending, Failure> {
        let known = matrix::read(Path::new(matrix::REPORTS)).unwrap_or_default();
        let embedded = subjects::embedded()?;
        let mut listed: Vec<Listed> =
            embedded.iter().map(|subject| embedded_one(&subject.name, &known)).collect();
        let others = folders::all();
        let looking = others.iter().map(|dir| look(dir, &known));
        let others: Vec<Listed> = stream::iter(looking).buffered(AT_ONCE).collect().await;
        listed.extend(
            others.into_iter().filter(|other| !embedded.iter().any(|subject| subject.name == other.name)),
        );
        let text = match self.format {
            Format::Table => table(&listed),
            Format::Json => serde_json::to_string_pretty(&listed).map_err(Failure::broken)? + "\n",
        };
        match anstream::stdout().write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::broken(error)),
            _ => Ok(Ending::AsExpected),
        }
    }
}

fn embedded_one(name: &str, known: &Matrix) -> Listed {
    let (language, middleware) = told(name, known);
    Listed {
        name: name.to_owned(),
        language: language.or_else(|| Some("rust".to_owned())),
        middleware,
        state: State::Embedded,
        problem: None,
        remedy: None,
    }
}

async fn look(dir: &PathBuf, known: &Matrix) -> Listed {
    let folder = match ServerFolder::read(dir) {
        Ok(folder) => folder,
        Err(error) => {
            return Listed {
                name: dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
                language: None,
                middleware: None,
                state: State::Mistaken,
                problem: Some(printable(&error.to_string()).into_owned()),
                remedy: None,
            };
        }
    };
    let (state, problem, remedy) = match detect(&folder, program::DETECT, |_| ()).await {
        Readiness::Ready => (State::Ready, None, None),
        Readiness::NotSetUp => {
            (State::NotSetUp, None, Some(format!("corspec servers setup {}", folder.name)))
        }
        Readiness::Missing { problem, install } => (State::ToolchainMissing, Some(problem), Some(install)),
    };
    let first_line = |text: String| printable(text.lines().next().unwrap_or_default()).into_owned();
    Listed {
        middleware: told(&folder.name, known).1,
        name: folder.name,
        language: Some(folder.language),
        state,
        problem: problem.map(first_line),
        remedy: remedy.map(first_line),
    }
}

/// What the last run has told of a server: its language and its middleware.
fn told(name: &str, known: &Matrix) -> (Option<String>, Option<String>) {
    let server = known.servers.iter().find(|server| server.name == name);
    let said = |text: Option<&String>| text.map(|text| printable(text).into_owned());
    (said(server.and_then(|it| it.language.as_ref())), said(server.and_then(|it| it.middleware.as_ref())))
}

fn table(listed: &[Listed]) -> String {
    let rows: Vec<[String; 5]> = listed
        .iter()
        .map(|it| {
            let remedy = match (&it.problem, &it.remedy) {
                (_, Some(remedy)) => remedy.clone(),
                (Some(problem), None) => problem.clone(),
                (None, None) => String::new(),
            };
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            [it.name.clone(), text(&it.language), text(&it.middleware), it.state.words().to_owned(), remedy]
        })
        .collect();
    let heads = ["server", "language", "middleware", "state", "what to do"].map(str::to_owned);
    let mut widths = heads.clone().map(|head| head.chars().count());
    for row in &rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.chars().count());
        }
    }
    let mut out = String::new();
    let is_embedded = |it: &&Listed| it.state == State::Embedded;
    let embedded = listed.iter().filter(is_embedded).count();
    for (number, row) in std::iter::once(&heads).chain(&rows).enumerate() {
        // A blank line sets the embedded ones apart.
        if number > 1 && number == embedded + 1 {
            out.push('\n');
        }
        let cells: Vec<_> = row.iter().zip(widths).map(|(text, width)| format!("{text:width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    let totals = State::ALL.map(|state| (state, listed.iter().filter(|it| it.state == state).count()));
    let totals = totals.iter().filter(|(_, count)| *count > 0);
    let totals: Vec<_> = totals.map(|(state, count)| format!("{count} {}", state.words())).collect();
    out.push_str(&format!("\n{}\n", totals.join(", ")));
    if listed.iter().any(|it| it.state == State::NotSetUp) {
        out.push_str("`corspec servers setup --all` sets up whatever is not\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, state: State) -> Listed {
        Listed {
            name: name.to_owned(),
            language: Some("go".to_owned()),
            middleware: None,
            state,
            problem: None,
            remedy: None,
        }
    }

    #[test]
    fn says_what_to_do() {
        let middleware = Some("cors 2.8.6".to_owned());
        let remedy = |text: &str| Some(text.to_owned());
        let all = [
            listed("reference", State::Embedded),
            Listed { middleware, ..listed("express-cors", State::Ready) },
            Listed { remedy: remedy("corspec servers setup rs-cors"), ..listed("rs-cors", State::NotSetUp) },
            Listed { remedy: remedy("apt-get install ghc"), ..listed("wai-cors", State::ToolchainMissing) },
            Listed {
                problem: remedy("servers/x/server.yaml:1:1: missing field `run`"),
                ..listed("x", State::Mistaken)
            },
        ];
        insta::assert_snapshot!("servers-list", table(&all));
    }
}
