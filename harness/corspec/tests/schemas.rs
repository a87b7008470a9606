//! What is written for other programs, held against the schemas that those go by.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "own/server.rs"]
#[expect(dead_code, reason = "this needs few of the servers")]
mod server;

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use corspec::battery::Extent;
use corspec::own::report::{PolicyFile, sarif};
use corspec::own::{
    Checked, Config, Framework, OwnRoute, Secrets, check, plain_policy, schema, server_url, yaml,
};
use rstest::rstest;
use serde_json::Value;
use server::{Api, Layer};

/// A schema, which itself must be one.
struct Held(Schemas, SchemaIndex);

impl Held {
    fn by(schema: Value) -> Self {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.add_resource("schema.json", schema).unwrap();
        let index =
            compiler.compile("schema.json", &mut schemas).map_err(|error| format!("{error:#}")).unwrap();
        Self(schemas, index)
    }

    fn by_file(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(name);
        Self::by(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    fn complains(&self, value: &Value) -> Option<String> {
        self.0.validate(value, self.1).err().map(|error| format!("{error:#}"))
    }
}

fn read_yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

async fn checked(url: &str) -> Checked {
    let mut config =
        Config::new(server_url(url).unwrap(), plain_policy(vec!["https://app.example".to_owned()]));
    config.framework = Framework::named("express");
    config.limits.retries = 0;
    check(&config, Secrets::default(), Extent::Quick).await.unwrap()
}

#[rstest]
#[case::findings(Some(Layer::Reflect))]
#[case::blocked(Some(Layer::Status(401)))]
#[case::nobody(None)]
#[tokio::test]
async fn sarif_is_as_its_schema_says(#[case] layer: Option<Layer>) {
    let url = match layer {
        Some(layer) => Api::plain(layer).await.url,
        None => "http://127.0.0.1:9".to_owned(),
    };
    let checked = checked(&url).await;
    let mut log = sarif(&checked, PolicyFile { path: "my corspec.yaml", text: "policy:" });
    let held = Held::by_file("sarif-2.1.0.json");
    assert_eq!(held.complains(&log), None, "{log:#}");
    log["runs"][0]["results"] = serde_json::json!([{"ruleId": "x", "level": "bad"}]);
    assert!(held.complains(&log).is_some());
}

#[test]
fn a_first_corspec_yaml_is_as_the_schema_for_editors_says() {
    let held = Held::by(schema());
    let mut config = Config::new(
        server_url("http://localhost:8080").unwrap(),
        plain_policy(vec!["https://app.example".to_owned()]),
    );
    config.framework = Framework::named("express");
    config.cookie = Some("session=${SESSION}".to_owned());
    config.routes.push(OwnRoute {
        headers: vec![("Authorization".to_owned(), "Bearer ${TOKEN}".to_owned())],
        ..OwnRoute::read("/items")
    });
    let text = yaml(&config, &["Review this.".to_owned()]);
    assert_eq!(held.complains(&read_yaml(&text)), None, "{text}");
    let example = include_str!("../examples/corspec.yaml");
    assert_eq!(held.complains(&read_yaml(example)), None);
    assert!(held.complains(&read_yaml(&text.replace("policy:", "polcy:"))).is_some());
}

#[test]
fn the_workflow_is_as_its_schema_says() {
    let held = Held::by_file("github-workflows.json");
    let text = include_str!("../ci/github-workflow.yaml");
    assert_eq!(held.complains(&read_yaml(text)), None);
    assert!(held.complains(&read_yaml(&text.replace("runs-on:", "run-on:"))).is_some());
}
