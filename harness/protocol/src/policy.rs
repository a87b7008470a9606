use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::origin::PermittedOrigin;

/// What the owner of a server wants to permit, in words that belong to no middleware.
///
/// Every field is always present. What the words mean where middlewares read them differently is
/// written down in the server protocol.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// `["*"]`, or serialized origins, subdomain patterns and `null`; empty permits none.
    pub origins: Vec<String>,
    /// Method names as written, or `["*"]`.
    pub methods: Vec<String>,
    /// Request header names, or `["*"]`.
    pub headers: Vec<String>,
    /// Names of the response headers that scripts may read, or `["*"]`.
    pub expose: Vec<String>,
    /// Whether requests with cookies or HTTP authentication are permitted.
    pub credentials: bool,
    /// Seconds a preflight may be remembered; `None` leaves it to the middleware.
    // Without `deserialize_with` serde reads an absent field as `None`.
    #[serde(deserialize_with = "Option::deserialize")]
    pub max_age: Option<u64>,
}

impl Policy {
    /// The fields of a policy, as they are named on the wire.
    pub const FIELDS: [&str; 6] = ["origins", "methods", "headers", "expose", "credentials", "max_age"];

    /// Whether every origin is permitted.
    pub fn any_origin(&self) -> bool {
        is_wildcard(&self.origins)
    }

    /// Whether a preflight may be granted every method.
    pub fn any_method(&self) -> bool {
        is_wildcard(&self.methods)
    }

    /// Whether a preflight may be granted every request header.
    pub fn any_header(&self) -> bool {
        is_wildcard(&self.headers)
    }

    /// Whether scripts may read every response header.
    pub fn exposes_any(&self) -> bool {
        is_wildcard(&self.expose)
    }

    /// The origins, parsed, in the order of the policy.
    ///
    /// # Errors
    ///
    /// If an entry is not in its serialized form, or if `*` stands beside other entries.
    pub fn permitted_origins(&self) -> Result<Vec<PermittedOrigin>, PolicyError> {
        reject_mixed_wildcard("origins", &self.origins)?;
        let parse = |entry: &String| {
            PermittedOrigin::parse(entry).map_err(|problem| PolicyError::new("origins", entry, problem))
        };
        self.origins.iter().map(parse).collect()
    }

    /// The methods, checked.
    ///
    /// # Errors
    ///
    /// If a name is not a token, or if `*` stands beside other names.
    pub fn permitted_methods(&self) -> Result<PermittedNames<'_>, PolicyError> {
        PermittedNames::parse("methods", &self.methods)
    }

    /// The request headers, checked.
    ///
    /// # Errors
    ///
    /// If a name is not a token, or if `*` stands beside other names.
    pub fn permitted_headers(&self) -> Result<PermittedNames<'_>, PolicyError> {
        PermittedNames::parse("headers", &self.headers)
    }

    /// The response headers that scripts may read, checked.
    ///
    /// # Errors
    ///
    /// If a name is not a token, or if `*` stands beside other names.
    pub fn exposed_headers(&self) -> Result<PermittedNames<'_>, PolicyError> {
        PermittedNames::parse("expose", &self.expose)
    }
}

/// The names of methods or headers that a [`Policy`] permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermittedNames<'a> {
    /// Every name.
    Any,
    /// These names, as written.
    Listed(&'a [String]),
}

impl<'a> PermittedNames<'a> {
    fn parse(field: &'static str, names: &'a [String]) -> Result<Self, PolicyError> {
        if is_wildcard(names) {
            return Ok(Self::Any);
        }
        reject_mixed_wildcard(field, names)?;
        match names.iter().find(|name| !is_token(name)) {
            Some(name) => Err(PolicyError::new(field, name, "a name is a token, as RFC 9110 defines it")),
            None => Ok(Self::Listed(names)),
        }
    }
}

/// Why a [`Policy`] says nothing that a server could enforce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    field: &'static str,
    value: String,
    problem: &'static str,
}

impl PolicyError {
    fn new(field: &'static str, value: &str, problem: &'static str) -> Self {
        Self { field, value: value.to_owned(), problem }
    }

    /// The field of the policy that holds the mistake.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// The entry that is wrong, as written.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}: {}", self.field, self.value, self.problem)
    }
}

impl Error for PolicyError {}

fn is_wildcard(entries: &[String]) -> bool {
    matches!(entries, [only] if only == "*")
}

fn reject_mixed_wildcard(field: &'static str, entries: &[String]) -> Result<(), PolicyError> {
    if entries.len() > 1 && entries.iter().any(|entry| entry == "*") {
        return Err(PolicyError::new(field, "*", "stands alone or not at all"));
    }
    Ok(())
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn policy() -> Policy {
        Policy {
            origins: vec!["https://app.example".into()],
            methods: vec!["PUT".into()],
            headers: vec!["X-Token".into()],
            expose: vec![],
            credentials: true,
            max_age: None,
        }
    }

    fn strings(entries: &[&str]) -> Vec<String> {
        entries.iter().map(|&entry| entry.to_owned()).collect()
    }

    #[test]
    fn is_written_with_every_field() {
        let json = serde_json::to_value(policy()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "origins": ["https://app.example"], "methods": ["PUT"], "headers": ["X-Token"],
                "expose": [], "credentials": true, "max_age": null,
            })
        );
        let mut written: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut fields = Policy::FIELDS;
        written.sort_unstable();
        fields.sort_unstable();
        assert_eq!(written, fields);
        assert_eq!(serde_json::from_value::<Policy>(json).unwrap(), policy());
    }

    #[rstest]
    fn every_field_is_required(
        #[values("origins", "methods", "headers", "expose", "credentials", "max_age")] field: &str,
    ) {
        let mut json = serde_json::to_value(policy()).unwrap();
        json.as_object_mut().unwrap().remove(field);
        let error = serde_json::from_value::<Policy>(json).unwrap_err().to_string();
        assert!(error.contains(&format!("missing field `{field}`")), "{error}");
    }

    #[rstest]
    #[case::unknown_field("private_network", serde_json::json!(true))]
    #[case::negative_age("max_age", serde_json::json!(-1))]
    #[case::one_string("origins", serde_json::json!("*"))]
    #[case::words_for_a_boolean("credentials", serde_json::json!("yes"))]
    fn is_rejected_by_serde(#[case] field: &str, #[case] value: serde_json::Value) {
        let mut json = serde_json::to_value(policy()).unwrap();
        json[field] = value;
        serde_json::from_value::<Policy>(json).unwrap_err();
    }

    #[rstest]
    #[case::methods(Policy { methods: strings(&["*", "GET"]), ..policy() }, r#"methods: "*": stands alone"#)]
    #[case::space(Policy { methods: strings(&["PUT "]), ..policy() }, r#"methods: "PUT ": a name is a token"#)]
    #[case::empty(Policy { headers: strings(&[""]), ..policy() }, r#"headers: "": a name is a token"#)]
    #[case::colon(Policy { expose: strings(&["X-A:"]), ..policy() }, r#"expose: "X-A:": a name is a token"#)]
    #[case::mixed(Policy { origins: strings(&["null", "*"]), ..policy() }, r#"origins: "*": stands alone"#)]
    #[case::path(Policy { origins: strings(&["https://a.example/"]), ..policy() }, r#"origins: "https://a.example/": "#)]
    fn names_the_mistake(#[case] policy: Policy, #[case] message: &str) {
        let error = [
            policy.permitted_origins().err(),
            policy.permitted_methods().err(),
            policy.permitted_headers().err(),
            policy.exposed_headers().err(),
        ];
        let error: Vec<_> = error.iter().flatten().map(ToString::to_string).collect();
        assert_eq!(error.len(), 1, "{error:?}");
        assert!(error[0].starts_with(message), "{}", error[0]);
    }

    #[test]
    fn a_lone_wildcard_is_any() {
        let any = strings(&["*"]);
        let policy = Policy {
            origins: any.clone(),
            methods: any.clone(),
            headers: any.clone(),
            expose: any,
            ..policy()
        };
        assert!(policy.any_origin() && policy.any_method() && policy.any_header() && policy.exposes_any());
        assert_eq!(policy.permitted_origins(), Ok(vec![PermittedOrigin::Any]));
        assert_eq!(policy.permitted_methods(), Ok(PermittedNames::Any));
    }

    #[test]
    fn names_keep_their_case() {
        let policy = Policy { methods: strings(&["patch", "PATCH"]), ..policy() };
        assert_eq!(policy.permitted_methods(), Ok(PermittedNames::Listed(&strings(&["patch", "PATCH"]))));
    }
}
