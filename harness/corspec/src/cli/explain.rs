//! `corspec explain`

use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use corspec::builtin;
use corspec::explain::{
    Answer, Call, Explanation, Mistake, Question, codes, curl, har, message, snippet, terminal,
};
use corspec::own::Tls;
use corspec_browser::{
    Body, BodyKind, CredentialsMode, HttpResponse, Initiator, Mode, Profile, Purpose, RedirectMode,
};

use super::{Ending, Failure};

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    corspec explain allow-origin-missing\n  \
    corspec explain --origin https://app.example --url https://api.example/x --method PUT --preflight-status 404\n  \
    corspec explain --har failed.har\n  \
    corspec explain --curl \"curl -X PUT https://api.example/x -H 'Origin: https://app.example'\"\n\n\
    A curl command, a fetch() snippet or a HAR file is also read from stdin.\n\n\
    Exit codes: 0 explained, whatever the outcome, 2 the input is wrong, 3 the server could not be asked.")]
pub(super) struct Explain {
    /// The code of a reason, such as allow-origin-missing; without it, a request is explained
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// The page's origin, such as https://app.example
    #[arg(long)]
    origin: Option<String>,
    /// What the page asks for
    #[arg(long)]
    url: Option<String>,
    /// The method
    #[arg(long)]
    method: Option<String>,
    /// A header that the page sets, as 'Name: value'; may be given again
    #[arg(long = "header", value_name = "LINE")]
    headers: Vec<String>,
    /// Whether cookies go along
    #[arg(long, value_name = "MODE", num_args = 0..=1, default_missing_value = "include")]
    credentials: Option<Credentials>,
    /// The mode of fetch()
    #[arg(long)]
    mode: Option<RequestMode>,
    /// What becomes of redirects
    #[arg(long)]
    redirect: Option<Redirect>,
    /// The kind of body that the page sends
    #[arg(long, value_name = "KIND")]
    body: Option<RequestBody>,
    /// The page uses XMLHttpRequest
    #[arg(long)]
    xhr: bool,
    /// The answer to the preflight: a status line and header lines
    #[arg(long, value_name = "RESPONSE", conflicts_with_all = ["preflight_status", "preflight_headers"])]
    preflight: Option<String>,
    /// The status of the answer to the preflight
    #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=999))]
    preflight_status: Option<u16>,
    /// A header of the answer to the preflight, as 'Name: value'; may be given again
    #[arg(long = "preflight-header", value_name = "LINE")]
    preflight_headers: Vec<String>,
    /// The answer to the request itself: a status line and header lines
    #[arg(long, value_name = "RESPONSE", conflicts_with_all = ["status", "response_headers"])]
    response: Option<String>,
    /// The status of the answer to the request itself
    #[arg(long, value_parser = clap::value_parser!(u16).range(100..=999))]
    status: Option<u16>,
    /// A header of the answer to the request itself, as 'Name: value'; may be given again
    #[arg(long = "response-header", value_name = "LINE")]
    response_headers: Vec<String>,
    /// A curl command
    #[arg(long, value_name = "COMMAND", group = "input", allow_hyphen_values = true)]
    curl: Option<String>,
    /// A call of fetch()
    #[arg(long, value_name = "SNIPPET", group = "input")]
    fetch: Option<String>,
    /// A HAR file that the browser's developer tools saved
    #[arg(long, value_name = "FILE", group = "input")]
    har: Option<PathBuf>,
    /// The HAR file's entry to explain, from 1
    #[arg(long, value_name = "N")]
    entry: Option<usize>,
    /// A part of the URL of the HAR file's request to explain
    #[arg(long, value_name = "TEXT")]
    url_contains: Option<String>,
    /// Ask the real server what it answers
    #[arg(long)]
    send: bool,
    /// With --send: also methods that change something there
    #[arg(long, requires = "send")]
    r#unsafe: bool,
    /// With --send: trust any certificate
    #[arg(long, requires = "send")]
    insecure: bool,
    /// With --send: trust the certificates in this file, too
    #[arg(long, value_name = "FILE", requires = "send")]
    ca: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Credentials {
    Omit,
    SameOrigin,
    Include,
}

#[derive(Clone, Copy, ValueEnum)]
enum RequestMode {
    Cors,
    NoCors,
    SameOrigin,
}

#[derive(Clone, Copy, ValueEnum)]
enum Redirect {
    Follow,
    Error,
    Manual,
}

#[derive(Clone, Copy, ValueEnum)]
enum RequestBody {
    Text,
    Urlencoded,
    Formdata,
    Blob,
    Bytes,
    Stream,
}

/// A HAR file of a long day.
const MAX_INPUT: u64 = 512 << 20;

impl Explain {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let styles = if io::stdout().is_terminal() {
            terminal::Styles::coloured()
        } else {
            terminal::Styles::default()
        };
        if let Some(code) = &self.code {
            if self.asks_a_question() {
                return Err(Failure::Usage(
                    "either a reason's code or a request: `corspec explain CODE` takes no other input"
                        .to_owned(),
                ));
            }
            let suites = builtin::suites().map_err(Failure::usage)?;
            let entry = codes::entry(code, &suites).map_err(Failure::usage)?;
            return if self.json { json(&entry) } else { write(&codes::render(&entry, &styles)) };
        }
        let mut question = self.question().map_err(Failure::usage)?;
        if self.send {
            self.ask(&mut question)?;
        }
        let explanation = Explanation::of(&question, Profile::default());
        if self.json { json(&explanation) } else { write(&terminal::render(&explanation, &styles)) }
    }

    fn asks_a_question(&self) -> bool {
        self.has_input() || self.origin.is_some() || self.url.is_some() || self.send
    }

    fn has_input(&self) -> bool {
        self.curl.is_some() || self.fetch.is_some() || self.har.is_some()
    }

    fn question(&self) -> Result<Question, Mistake> {
        let flags = self.flags()?;
        let choice = har::Choice { entry: self.entry, url_contains: self.url_contains.clone() };
        let given = match (&self.curl, &self.fetch, &self.har) {
            (Some(command), ..) => curl::parse(command)?,
            (_, Some(snippet), _) => snippet::parse(snippet)?,
            (.., Some(file)) => har::parse(&read(file)?, &choice)?,
            _ if self.url.is_some() => Call::default(),
            _ => from_stdin(&choice)?,
        };
        given.overridden_by(flags).into_question()
    }

    fn flags(&self) -> Result<Call, Mistake> {
        let mut headers = Vec::new();
        for line in &self.headers {
            let header = message::header(line)?;
            headers.push((header.name.into_owned(), header.value.into_owned()));
        }
        let preflight =
            answer(self.preflight.as_deref(), self.preflight_status, &self.preflight_headers, 204)?;
        let actual = answer(self.response.as_deref(), self.status, &self.response_headers, 200)?;
        let answers = [(Purpose::Preflight, preflight), (Purpose::Actual, actual)];
        Ok(Call {
            origin: self.origin.clone(),
            url: self.url.clone(),
            method: self.method.clone(),
            headers,
            credentials: self.credentials.map(|credentials| match credentials {
                Credentials::Omit => CredentialsMode::Omit,
                Credentials::SameOrigin => CredentialsMode::SameOrigin,
                Credentials::Include => CredentialsMode::Include,
            }),
            mode: self.mode.map(|mode| match mode {
                RequestMode::Cors => Mode::Cors,
                RequestMode::NoCors => Mode::NoCors,
                RequestMode::SameOrigin => Mode::SameOrigin,
            }),
            redirect: self.redirect.map(|redirect| match redirect {
                Redirect::Follow => RedirectMode::Follow,
                Redirect::Error => RedirectMode::Error,
                Redirect::Manual => RedirectMode::Manual,
            }),
            body: self.body.map(|body| {
                Body::sample(match body {
                    RequestBody::Text => BodyKind::Text,
                    RequestBody::Urlencoded => BodyKind::Urlencoded,
                    RequestBody::Formdata => BodyKind::FormData,
                    RequestBody::Blob => BodyKind::Blob,
                    RequestBody::Bytes => BodyKind::Bytes,
                    RequestBody::Stream => BodyKind::Stream,
                })
            }),
            initiator: self.xhr.then_some(Initiator::Xhr),
            answers: answers
                .into_iter()
                .filter_map(|(purpose, response)| Some(Answer { purpose, response: Some(response?) }))
                .collect(),
            notes: Vec::new(),
        })
    }

    fn ask(&self, question: &mut Question) -> Result<(), Failure> {
        // What a HAR file tells is of yesterday, and asked for anew.
        if !self.flags().map_err(Failure::usage)?.answers.is_empty() {
            return Err(Failure::Usage(
                "either --send or answers that are known: --send asks the server for all of them".to_owned(),
            ));
        }
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::broken)?;
        let tls = Tls { ca: self.ca.clone(), insecure: self.insecure };
        let sent =
            runtime.block_on(corspec::explain::send(question, Profile::default(), self.r#unsafe, &tls));
        sent.map_err(|unsent| Failure::Usage(unsent.0))
    }
}

fn answer(
    whole: Option<&str>,
    status: Option<u16>,
    lines: &[String],
    default: u16,
) -> Result<Option<HttpResponse>, Mistake> {
    if let Some(text) = whole {
        return message::response(text, default).map(Some);
    }
    if status.is_none() && lines.is_empty() {
        return Ok(None);
    }
    let mut response = HttpResponse { status: status.unwrap_or(default), ..HttpResponse::default() };
    for line in lines {
        let header = message::header(line)?;
        response.headers.append(header.name, header.value);
    }
    Ok(Some(response))
}

/// A curl command, a snippet or a HAR file: what it is shows at its beginning.
fn from_stdin(choice: &har::Choice) -> Result<Call, Mistake> {
    let nothing = || {
        Mistake {
            what: "nothing to explain".to_owned(),
            place: String::new(),
            way_out: "give a request with --origin and --url, --curl, --fetch or --har, or a reason's code; --help has examples"
                .to_owned(),
        }
    };
    if io::stdin().is_terminal() {
        return Err(nothing());
    }
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MAX_INPUT)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable("stdin", &error))?;
    let text = String::from_utf8_lossy(&bytes);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    match start {
        "" => Err(nothing()),
        _ if start.starts_with('{') => har::parse(&bytes, choice),
        _ if start.starts_with("curl") || !start.contains("fetch") => curl::parse(&text),
        _ => snippet::parse(&text),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Mistake> {
    let name = file.display().to_string();
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(MAX_INPUT).read_to_end(&mut bytes)
    } else {
        fs::File::open(file).and_then(|file| file.take(MAX_INPUT).read_to_end(&mut bytes))
    };
    read.map_err(|error| unreadable(&name, &error))?;
    Ok(bytes)
}

fn unreadable(name: &str, error: &io::Error) -> Mistake {
    Mistake {
        what: format!("cannot read {}: {error}", corspec::report::printable::printable(name)),
        place: String::new(),
        way_out: "look at the path; - stands for stdin".to_owned(),
    }
}

fn json(value: &impl serde::Serialize) -> Result<Ending, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::broken)?;
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // Beyond ASCII there are characters that a terminal obeys; in JSON these stand in strings only.
        if c.is_ascii() && c != '\x7f' {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    out.push('\n');
    write(&out)
}

fn write(text: &str) -> Result<Ending, Failure> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::broken(error)),
        _ => Ok(Ending::AsExpected),
    }
}
