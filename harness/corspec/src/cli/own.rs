//! What `init`, `check` and `audit` share: a server of one's own, in arguments and in words.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use corspec::own::Framework;
use url::Url;

use super::Failure;

/// Where the policy is looked for.
pub(super) const FILE: &str = "corspec.yaml";

pub(super) fn server(text: &str) -> Result<Url, String> {
    corspec::own::server_url(text)
}

pub(super) fn framework(name: &str) -> Result<Framework, String> {
    let known = || Framework::all().map(Framework::name).collect::<Vec<_>>().join(", ");
    Framework::named(name).ok_or_else(|| format!("there is {}", known()))
}

pub(super) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))
}

pub(super) fn print(text: &str) -> Result<(), Failure> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::broken(error)),
        _ => Ok(()),
    }
}
