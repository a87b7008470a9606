//! The JSON Schemas of the policy and of every message, for servers in other languages.
//!
//! They are the files under `harness/protocol/schema`, and refer to each other by their paths there.

/// One file of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its path below `schema/`.
    pub path: &'static str,
    /// Its text, which is JSON.
    pub text: &'static str,
}

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(Schema { path: $path, text: include_str!(concat!("../schema/", $path)) }),*]
    };
}

/// Every file.
pub const FILES: [Schema; 12] = files![
    "policy.json",
    "to-server.json",
    "to-server/hello.json",
    "to-server/serve.json",
    "to-server/drop.json",
    "from-server.json",
    "from-server/hello.json",
    "from-server/ready.json",
    "from-server/unsupported.json",
    "from-server/refused.json",
    "from-server/failed.json",
    "from-server/dropped.json",
];

#[cfg(test)]
mod tests {
    use boon::{Compiler, Schemas};
    use rstest::rstest;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;
    use crate::{FromServer, Policy, ToServer};

    fn base(path: &str) -> String {
        format!("https://schema.example/{path}")
    }

    fn fits(path: &str, value: &Value) -> bool {
        let mut compiler = Compiler::new();
        for file in FILES {
            compiler.add_resource(&base(file.path), serde_json::from_str(file.text).unwrap()).unwrap();
        }
        let mut schemas = Schemas::new();
        let schema = compiler.compile(&base(path), &mut schemas).unwrap();
        schemas.validate(value, schema).is_ok()
    }

    /// What a type reads from JSON and writes again.
    fn through<T: DeserializeOwned + serde::Serialize>(value: &Value) -> Result<Value, serde_json::Error> {
        serde_json::to_value(serde_json::from_value::<T>(value.clone())?)
    }

    fn through_ours(path: &str, value: &Value) -> Result<Value, serde_json::Error> {
        match path.split(['/', '.']).next() {
            Some("to-server") => through::<ToServer>(value),
            Some("from-server") => through::<FromServer>(value),
            _ => through::<Policy>(value),
        }
    }

    #[test]
    fn every_file_is_published() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
        let below =
            |dir: std::path::PathBuf| std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        let files = below(dir.clone())
            .flat_map(|path| if path.is_dir() { below(path).collect() } else { vec![path] });
        let mut files: Vec<_> =
            files.map(|path| path.strip_prefix(&dir).unwrap().to_str().unwrap().replace('\\', "/")).collect();
        let mut known = FILES.map(|file| file.path.to_owned());
        files.sort();
        known.sort();
        assert_eq!(files, known);
    }

    /// Each file's examples are of its kind, and our types read and write them without loss.
    #[test]
    fn the_examples_are_messages() {
        let mut count = 0;
        for file in FILES {
            let schema: Value = serde_json::from_str(file.text).unwrap();
            for example in schema["examples"].as_array().into_iter().flatten() {
                assert!(fits(file.path, example), "{}: {example}", file.path);
                let direction = file.path.split('/').next().unwrap();
                if direction != file.path {
                    assert!(fits(&format!("{direction}.json"), example), "{}: {example}", file.path);
                }
                assert_eq!(&through_ours(file.path, example).unwrap(), example, "{}", file.path);
                count += 1;
            }
        }
        assert_eq!(count, 14);
    }

    #[test]
    fn a_policy_has_the_fields_of_the_type() {
        let schema: Value = serde_json::from_str(FILES[0].text).unwrap();
        let fields: Vec<_> =
            schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(fields, Policy::FIELDS);
        assert_eq!(schema["properties"].as_object().unwrap().len(), Policy::FIELDS.len());
    }

    /// What neither the schema nor our types take.
    #[rstest]
    #[case::two_keys("from-server", json!({"dropped": {"seq": 1}, "ready": {"seq": 1, "url": "http://127.0.0.1:1"}}))]
    #[case::no_key("from-server", json!({}))]
    #[case::unknown_key("from-server", json!({"stopped": {"seq": 1}}))]
    #[case::no_object("from-server", json!("ready"))]
    #[case::text_for_a_number("from-server", json!({"dropped": {"seq": "1"}}))]
    #[case::negative("from-server", json!({"dropped": {"seq": -1}}))]
    #[case::fraction("from-server", json!({"dropped": {"seq": 1.5}}))]
    #[case::no_seq("from-server", json!({"refused": {"reason": "no"}}))]
    #[case::no_reason("from-server", json!({"refused": {"seq": 1}}))]
    #[case::no_words("from-server", json!({"failed": {"seq": 1, "message": null}}))]
    #[case::no_url("from-server", json!({"ready": {"seq": 1}}))]
    #[case::nameless("from-server", json!({"hello": {"protocol": 1}}))]
    #[case::lacks_one("from-server", json!({"hello": {"protocol": 1, "name": "x", "lacks": "hits"}}))]
    #[case::no_policy("to-server", json!({"serve": {"seq": 1}}))]
    #[case::half_a_policy("to-server", json!({"serve": {"seq": 1, "policy": {"origins": []}}}))]
    #[case::no_policy_at_all("policy", json!(null))]
    #[case::unknown_field(
        "policy",
        json!({"origins": [], "methods": [], "headers": [], "expose": [], "credentials": false, "max_age": null, "private_network": true})
    )]
    fn is_taken_by_neither(#[case] direction: &str, #[case] value: Value) {
        assert!(!fits(&format!("{direction}.json"), &value));
        through_ours(direction, &value).unwrap_err();
    }

    /// What our types read and the schema asks better of: the check tells an author, and a run goes on.
    #[rstest]
    #[case::elsewhere(json!({"ready": {"seq": 1, "url": "http://192.0.2.1:80"}}))]
    #[case::path(json!({"ready": {"seq": 1, "url": "http://127.0.0.1:80/"}}))]
    #[case::typo(json!({"unsupported": {"seq": 1, "reason": "no", "isue": "https://bugs.example/1"}}))]
    #[case::two_lines(json!({"hello": {"protocol": 1, "name": "a\nb"}}))]
    #[case::blank(json!({"hello": {"protocol": 1, "name": " "}}))]
    #[case::route(json!({"hello": {"protocol": 1, "name": "x", "lacks": ["/hits"]}}))]
    #[case::version(json!({"hello": {"protocol": 2, "name": "x"}}))]
    fn the_schema_is_stricter(#[case] value: Value) {
        through::<FromServer>(&value).unwrap();
        assert!(!fits("from-server.json", &value));
    }

    #[test]
    fn a_hello_may_say_more() {
        let value = json!({"hello": {"protocol": 1, "name": "x", "language": null, "author": "me"}});
        assert!(fits("from-server.json", &value));
        through::<FromServer>(&value).unwrap();
    }
}
