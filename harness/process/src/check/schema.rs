use boon::{Compiler, ErrorKind, SchemaIndex, Schemas, ValidationError};
use corspec_protocol::schema::FILES;
use serde_json::Value;

use crate::printable::printable;

/// The schemas of what a server may say.
pub(super) struct Messages {
    schemas: Schemas,
    /// By the key that names the message.
    kinds: Vec<(&'static str, SchemaIndex)>,
}

/// One thing about a message that is not as its schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Departure {
    /// Where in the message: `/ready/seq`.
    pub(super) place: String,
    /// What the schema says.
    pub(super) contract: String,
    /// What came.
    pub(super) came: String,
    /// Whether the message merely says more than the protocol knows.
    pub(super) is_addition: bool,
}

/// The files refer to each other by their paths.
const BASE: &str = "https://schema.invalid/";

impl Messages {
    pub(super) fn new() -> Self {
        let mut compiler = Compiler::new();
        for file in FILES {
            let schema = serde_json::from_str(file.text).expect("a schema is JSON");
            compiler.add_resource(&format!("{BASE}{}", file.path), schema).expect("its path makes a URL");
        }
        let mut schemas = Schemas::new();
        let kinds = FILES.iter().filter_map(|file| {
            let kind = file.path.strip_prefix("from-server/")?.strip_suffix(".json")?;
            let schema = compiler.compile(&format!("{BASE}{}", file.path), &mut schemas);
            Some((kind, schema.expect("a published schema is one")))
        });
        let kinds = kinds.collect();
        Self { schemas, kinds }
    }

    /// What of a line is not as its schema says. Whether it is a message at all is found out elsewhere.
    pub(super) fn departures(&self, line: &[u8]) -> Vec<Departure> {
        let Ok(value) = serde_json::from_slice::<Value>(line) else { return Vec::new() };
        let named = value.as_object().and_then(|message| message.keys().next());
        let known = self.kinds.iter().find(|(kind, _)| named.is_some_and(|name| name == kind));
        let Some((_, schema)) = known else { return Vec::new() };
        let mut departures = Vec::new();
        if let Err(error) = self.schemas.validate(&value, *schema) {
            push_leaves(&error, &value, &mut departures);
        }
        // The validator looks in no particular order.
        departures.sort_by(|one, other| (&one.place, &one.contract).cmp(&(&other.place, &other.contract)));
        departures
    }
}

fn push_leaves(error: &ValidationError<'_, '_>, message: &Value, departures: &mut Vec<Departure>) {
    if !error.causes.is_empty() {
        return error.causes.iter().for_each(|cause| push_leaves(cause, message, departures));
    }
    let place = error.instance_location.to_string();
    let value = message.pointer(&place).unwrap_or(&Value::Null);
    let rule = match &error.kind {
        ErrorKind::AdditionalProperties { got } => {
            let known = got.iter().map(|name| printable(name, 80)).collect::<Vec<_>>().join("`, `");
            return departures.push(Departure {
                came: format!("`{known}`"),
                contract: "the protocol knows no such key".to_owned(),
                is_addition: !place.is_empty(),
                place,
            });
        }
        // A pattern is for machines, and what it means stands beside it.
        ErrorKind::Pattern { .. } => "another text".to_owned(),
        kind => kind.to_string(),
    };
    let about = description(error.schema_url).unwrap_or_default();
    departures.push(Departure {
        contract: if about.is_empty() {
            printable(&rule, 300)
        } else {
            format!("{} ({about})", printable(&rule, 300))
        },
        came: printable(&value.to_string(), 200),
        is_addition: false,
        place,
    });
}

/// What a schema says in words at that place.
fn description(url: &str) -> Option<String> {
    let (file, pointer) = url.strip_prefix(BASE)?.split_once('#')?;
    let file = FILES.iter().find(|known| known.path == file)?;
    let schema: Value = serde_json::from_str(file.text).ok()?;
    Some(schema.pointer(pointer)?.get("description")?.as_str()?.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::right(r#"{"ready": {"seq": 1, "url": "http://127.0.0.1:1"}}"#, &[])]
    #[case::more(r#"{"dropped": {"seq": 1, "took": 3}}"#, &["+ /dropped: the protocol knows no such key: `took`"])]
    #[case::typo(
        r#"{"unsupported": {"seq": 1, "raeson": "no"}}"#,
        &[
            "- /unsupported: missing properties 'reason': {\"raeson\":\"no\",\"seq\":1}",
            "+ /unsupported: the protocol knows no such key: `raeson`",
        ]
    )]
    #[case::number(
        r#"{"dropped": {"seq": "1"}}"#,
        &["- /dropped/seq: want integer, but got string (The number of the drop that this answers): \"1\""]
    )]
    #[case::route(
        r#"{"hello": {"protocol": 1, "name": "x", "lacks": ["/hits"]}}"#,
        &["- /hello/lacks/0: value must be one of 'resource', 'cacheable', 'status', 'error', 'protected', 'session', \
           'redirect', 'own-options', 'own-cors', 'hits': \"/hits\""]
    )]
    #[case::name(
        r#"{"hello": {"protocol": 1, "name": " "}}"#,
        &["- /hello/name: another text (The name of the server, as reports print it: one line): \" \""]
    )]
    #[case::no_message(r#"{"stopped": {"seq": 1}}"#, &[])]
    #[case::no_json("ready", &[])]
    fn says_where_and_what(#[case] line: &str, #[case] expected: &[&str]) {
        let departures = Messages::new().departures(line.as_bytes());
        let told: Vec<_> = departures
            .iter()
            .map(|it| {
                let sign = if it.is_addition { '+' } else { '-' };
                format!("{sign} {}: {}: {}", it.place, it.contract, it.came)
            })
            .collect();
        assert_eq!(told, expected);
    }
}
