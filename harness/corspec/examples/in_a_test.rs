//! Cases inside a test of your own: `cargo test --example in_a_test`.

#[path = "service.rs"]
#[expect(dead_code, reason = "the service has a `main` of its own")]
mod service;

fn main() {
    println!("cargo test -p corspec --example in_a_test");
}

#[cfg(test)]
#[tokio::test]
async fn browsers_do_what_we_want() {
    corspec::check(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/cors"), service::notes).await.unwrap();
}

#[cfg(test)]
#[tokio::test]
async fn browsers_do_what_the_policy_says() {
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/corspec.yaml");
    let record = corspec::check_policy(policy, service::notes).await.unwrap();
    let verdicts = corspec::report::snapshot::render(&record, "service");
    insta::assert_snapshot!(verdicts.lines().nth(1).unwrap_or_default());
}
