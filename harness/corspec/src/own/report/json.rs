//! For a program.

use serde_json::{Value, json as object};

use super::sentence;
use crate::own::audit::Audit;
use crate::own::check::Checked;
use crate::own::hint::Framework;

/// A check as one JSON object.
pub fn json(checked: &Checked) -> Value {
    object!({
        "corspec": env!("CARGO_PKG_VERSION"),
        "standard": checked.record.run.standard,
        "server": checked.server,
        "ran": checked.ran(),
        "summary": sentence(checked),
        "verdicts": checked.record.tally(),
        "troubles": checked.troubles,
        "findings": checked.findings,
        "untested": checked.untested.iter().map(|(path, methods)| object!({"path": path, "methods": methods})).collect::<Vec<_>>(),
        "requests": checked.requests,
        "over_http2": checked.over_http2,
        "framework": checked.framework.map(Framework::name),
        "hint": checked.hint,
    })
}

/// An audit as one JSON object.
pub fn audit_json(audit: &Audit) -> Value {
    serde_json::to_value(audit).unwrap_or_default()
}
