//! An `App` of actix-web inside a test of your own: `cargo test --example actix`.

use actix_cors::Cors;
use actix_web::{App, HttpServer, web};
use tokio::net::TcpListener;

/// Serves the notes until it is dropped. One worker is enough for a test, and Ctrl-C stays the test's.
pub async fn notes(listener: TcpListener) -> std::io::Result<()> {
    let app = || {
        let notes = web::resource("/notes").get(async || "[]").put(async || "saved");
        let cors = Cors::default()
            .allowed_origin("https://notes.example")
            .allowed_methods(["GET", "PUT"])
            .allowed_headers(["Content-Type"])
            .supports_credentials()
            .block_on_origin_mismatch(false);
        App::new().wrap(cors).service(notes)
    };
    // A variable of its own: what builds the server may not cross threads, the server may.
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener.into_std()?)?.run();
    server.await
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/notes", listener.local_addr()?);
    notes(listener).await
}

#[cfg(test)]
const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/corspec.yaml");

#[cfg(test)]
#[tokio::test]
async fn browsers_do_what_the_policy_says() {
    corspec::check_policy(POLICY, notes).await.unwrap();
}

/// The hint for actix is what was tested just now.
#[cfg(test)]
#[test]
fn the_hint_says_the_same() {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let policy = corspec::case::load_config(POLICY).unwrap().policy;
    let hint = corspec::own::Framework::named("actix").unwrap().hint(&policy);
    let (cors, _) = hint.split_once("App::new()").unwrap();
    assert!(bare(include_str!("actix.rs")).contains(&bare(cors)), "{cors}");
}
