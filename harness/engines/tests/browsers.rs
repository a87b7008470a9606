//! A few cases in every browser that is installed; of the others the test says that it did not run them.

use corspec_engines::engine::Engine;
use corspec_engines::run::{self, Verdict};
use futures_util::StreamExt as _;
use rstest::rstest;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn agrees(#[values(Engine::Chromium, Engine::Firefox, Engine::Webkit)] engine: Engine) {
    let suites = corspec::builtin::suites_named("methods").unwrap();
    let tasks = run::tasks(&suites, |_, id| id.starts_with("forbidden"));
    assert!(!tasks.is_empty());
    let (_, results) = match run::run(engine, tasks, 1).await {
        Ok(running) => running,
        Err(unavailable) => {
            eprintln!("not run: {unavailable}");
            return;
        }
    };
    let results: Vec<_> = results.collect().await;
    for result in &results {
        assert_eq!(result.verdict, Verdict::Agree, "{result:?}");
    }
}
