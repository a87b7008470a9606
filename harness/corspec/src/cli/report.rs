//! `corspec report`, and the reports that a run writes.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use corspec::builtin;
use corspec::record::Record;
use corspec::report::{badge, html, junit, markdown, snapshot, terminal};

use super::{Ending, Failure};

#[derive(Args)]
pub(super) struct Report {
    /// The record that `corspec run --record FILE` wrote (`-`: stdin)
    record: PathBuf,
    /// What to make of it
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// The server that a snapshot or a badge is about
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Terminal,
    Html,
    Junit,
    Markdown,
    Snapshot,
    Badge,
}

impl Report {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let reader: Box<dyn BufRead> = if self.record == Path::new("-") {
            Box::new(io::stdin().lock())
        } else {
            let opened = File::open(&self.record);
            let named = |error| Failure::Usage(format!("cannot read {}: {error}", self.record.display()));
            Box::new(BufReader::new(opened.map_err(named)?))
        };
        let record = Record::read(reader).map_err(Failure::usage)?;
        let text = match self.format {
            Format::Terminal => terminal(&record, &builtin::source),
            Format::Html => html::render(&record).map_err(Failure::broken)?,
            Format::Junit => junit::render(&record).map_err(Failure::broken)?,
            Format::Markdown => markdown::render(&record, &markdown::Options::default()),
            Format::Snapshot => snapshot::render(&record, self.server(&record)?),
            Format::Badge => badge::render(&record, self.server(&record)?),
        };
        match anstream::stdout().write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::broken(error)),
            _ if record.complete => Ok(Ending::AsExpected),
            _ => Err(Failure::Usage("the record was cut off: its last line is missing".to_owned())),
        }
    }

    fn server<'a>(&'a self, record: &'a Record) -> Result<&'a str, Failure> {
        let known: Vec<&str> = record.servers.iter().map(|server| &*server.name).collect();
        match (&self.server, &*known) {
            (Some(name), known) if known.contains(&&**name) => Ok(name),
            (None, [only]) => Ok(only),
            _ => Err(Failure::Usage(format!("which server? --server takes one of {}", known.join(", ")))),
        }
    }
}

/// Where the reports of a run went.
pub(super) struct Written {
    pub(super) html: PathBuf,
}

/// Makes the folder that the reports of a run go into.
pub(super) fn make(dir: &Path) -> Result<(), Failure> {
    fs::create_dir_all(dir).map_err(|error| Failure::Usage(format!("cannot make {}: {error}", dir.display())))
}

/// Writes every report of a run into a folder that is there.
pub(super) fn write_all(record: &Record, dir: &Path) -> Result<Written, Failure> {
    let write = |name: &str, text: String| {
        let path = dir.join(name);
        fs::write(&path, text)
            .map_err(|error| Failure::Broken(format!("cannot write {}: {error}", path.display())))?;
        Ok(path)
    };
    fs::create_dir_all(dir)
        .map_err(|error| Failure::Broken(format!("cannot make {}: {error}", dir.display())))?;
    write("junit.xml", junit::render(record).map_err(Failure::broken)?)?;
    write("summary.md", markdown::render(record, &markdown::Options::default()))?;
    let html = write("report.html", html::render(record).map_err(Failure::broken)?)?;
    Ok(Written { html })
}

/// The report for a terminal; colours that the output cannot show are taken out as it is written.
pub(super) fn terminal(record: &Record, source: &dyn Fn(&str) -> Option<String>) -> String {
    let styles =
        if io::stdout().is_terminal() { terminal::Styles::coloured() } else { terminal::Styles::plain() };
    terminal::render(record, &terminal::Options { styles, source, ..terminal::Options::default() })
}
