use serde::{Deserialize, Serialize};

use crate::policy::Policy;

/// The version of the protocol that this crate speaks.
pub const PROTOCOL: u32 = 1;

/// A line from the harness to a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToServer {
    /// Asks who is under test.
    Hello {
        /// The version of the protocol that the harness speaks.
        protocol: u32,
    },
    /// Asks for a server that enforces a policy.
    Serve {
        /// The number by which the answer is matched.
        seq: u64,
        /// The policy; `None` is the middleware switched on without any option.
        #[serde(deserialize_with = "Option::deserialize")]
        policy: Option<Policy>,
    },
    /// Asks a server to stop listening.
    Drop {
        /// The number under which it was asked for.
        seq: u64,
    },
}

/// A line from a server to the harness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FromServer {
    /// Who is under test.
    Hello(Hello),
    /// A server that enforces the policy listens.
    Ready {
        /// The number of the `serve` that this answers.
        seq: u64,
        /// Where it listens: without path, without trailing slash.
        url: String,
    },
    /// The middleware has no way to say this policy.
    Unsupported {
        /// The number of the `serve` that this answers.
        seq: u64,
        /// What cannot be said.
        reason: String,
        /// Where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issue: Option<String>,
    },
    /// The middleware itself rejects the policy.
    Refused {
        /// The number of the `serve` that this answers.
        seq: u64,
        /// The middleware's own words.
        reason: String,
    },
    /// Something broke while setting it up.
    Failed {
        /// The number of the message that this answers.
        seq: u64,
        /// What broke.
        message: String,
    },
    /// The server no longer listens.
    Dropped {
        /// The number of the `drop` that this answers.
        seq: u64,
    },
}

/// Who is under test.
///
/// Only the protocol's version and a name are required of a server written elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version of the protocol that the server speaks.
    pub protocol: u32,
    /// The name of the server, as reports print it.
    pub name: String,
    /// The language it is written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The framework and its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<String>,
    /// The CORS middleware and its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middleware: Option<String>,
    /// What runs it, and its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Where the middleware is documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// Where its bugs are reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issues: Option<String>,
    /// The routes of the resource that the server cannot serve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
}

impl Hello {
    /// A server of this name that speaks [`PROTOCOL`], with nothing else known about it.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            protocol: PROTOCOL,
            name: name.into(),
            language: None,
            framework: None,
            middleware: None,
            runtime: None,
            homepage: None,
            issues: None,
            lacks: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn policy() -> Policy {
        Policy {
            origins: vec!["https://app.example".into()],
            methods: vec![],
            headers: vec![],
            expose: vec![],
            credentials: false,
            max_age: Some(600),
        }
    }

    #[rstest]
    #[case(ToServer::Hello { protocol: 1 }, json!({"hello": {"protocol": 1}}))]
    #[case(ToServer::Serve { seq: 7, policy: None }, json!({"serve": {"seq": 7, "policy": null}}))]
    #[case(
        ToServer::Serve { seq: 7, policy: Some(policy()) },
        json!({"serve": {"seq": 7, "policy": {
            "origins": ["https://app.example"], "methods": [], "headers": [], "expose": [],
            "credentials": false, "max_age": 600,
        }}})
    )]
    #[case(ToServer::Drop { seq: u64::MAX }, json!({"drop": {"seq": u64::MAX}}))]
    fn to_server(#[case] message: ToServer, #[case] json: Value) {
        assert_eq!(serde_json::to_value(&message).unwrap(), json);
        assert_eq!(serde_json::from_value::<ToServer>(json).unwrap(), message);
    }

    #[rstest]
    #[case(
        FromServer::Hello(Hello {
            language: Some("javascript".into()),
            framework: Some("express 5.3.0".into()),
            middleware: Some("cors 2.8.6".into()),
            runtime: Some("node 20.20.2".into()),
            homepage: Some("https://github.com/expressjs/cors".into()),
            issues: Some("https://github.com/expressjs/cors/issues".into()),
            lacks: vec!["hits".into()],
            ..Hello::new("express-cors")
        }),
        json!({"hello": {
            "protocol": 1, "name": "express-cors", "language": "javascript", "framework": "express 5.3.0",
            "middleware": "cors 2.8.6", "runtime": "node 20.20.2", "homepage": "https://github.com/expressjs/cors",
            "issues": "https://github.com/expressjs/cors/issues", "lacks": ["hits"],
        }})
    )]
    #[case(FromServer::Hello(Hello::new("bare")), json!({"hello": {"protocol": 1, "name": "bare"}}))]
    #[case(
        FromServer::Ready { seq: 7, url: "http://127.0.0.1:40123".into() },
        json!({"ready": {"seq": 7, "url": "http://127.0.0.1:40123"}})
    )]
    #[case(
        FromServer::Unsupported { seq: 7, reason: "no patterns".into(), issue: Some("https://bugs.example/1".into()) },
        json!({"unsupported": {"seq": 7, "reason": "no patterns", "issue": "https://bugs.example/1"}})
    )]
    #[case(
        FromServer::Unsupported { seq: 7, reason: "no patterns".into(), issue: None },
        json!({"unsupported": {"seq": 7, "reason": "no patterns"}})
    )]
    #[case(FromServer::Refused { seq: 7, reason: "no".into() }, json!({"refused": {"seq": 7, "reason": "no"}}))]
    #[case(FromServer::Failed { seq: 7, message: "broke".into() }, json!({"failed": {"seq": 7, "message": "broke"}}))]
    #[case(FromServer::Dropped { seq: 7 }, json!({"dropped": {"seq": 7}}))]
    fn from_server(#[case] message: FromServer, #[case] json: Value) {
        assert_eq!(serde_json::to_value(&message).unwrap(), json);
        assert_eq!(serde_json::from_value::<FromServer>(json).unwrap(), message);
    }

    #[rstest]
    #[case::null_lacks_nothing(r#"{"hello": {"protocol": 1, "name": "x", "language": null, "extra": 1}}"#)]
    fn a_hello_may_say_more_and_less(#[case] line: &str) {
        assert_eq!(serde_json::from_str::<FromServer>(line).unwrap(), FromServer::Hello(Hello::new("x")));
    }

    #[rstest]
    #[case::no_policy(r#"{"serve": {"seq": 7}}"#)]
    #[case::no_seq(r#"{"serve": {"policy": null}}"#)]
    #[case::negative_seq(r#"{"drop": {"seq": -1}}"#)]
    #[case::two_keys(r#"{"drop": {"seq": 1}, "hello": {"protocol": 1}}"#)]
    #[case::no_key("{}")]
    #[case::unknown_key(r#"{"stop": {"seq": 1}}"#)]
    fn is_no_message(#[case] line: &str) {
        serde_json::from_str::<ToServer>(line).unwrap_err();
    }
}
