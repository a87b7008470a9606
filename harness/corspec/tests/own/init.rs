//! The questions of `corspec init`, on a terminal.

use rexpect::session::{PtySession, spawn_command};

fn init(folder: &std::path::Path) -> PtySession {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_corspec"));
    command.arg("init").current_dir(folder);
    spawn_command(command, Some(20_000)).unwrap()
}

#[test]
fn what_is_asked_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = init(folder.path());
    terminal.exp_string("Where does the server listen? [http://localhost:8080]").unwrap();
    terminal.send_line("localhost:3000").unwrap();
    // What is no URL is said to be none, and asked for again.
    terminal.exp_string("is no URL of a server").unwrap();
    terminal.exp_string("Where does the server listen?").unwrap();
    terminal.send_line("http://localhost:3000/v1").unwrap();
    terminal.exp_string("Whose pages may read it?").unwrap();
    terminal.send_line("https://app.example/, https://admin.example").unwrap();
    terminal.exp_string("With the visitor's cookies? [y/N]").unwrap();
    terminal.send_line("y").unwrap();
    terminal.exp_string("Which paths do they ask for? [/]").unwrap();
    terminal.send_line("/items /users").unwrap();
    terminal.exp_string("Wrote corspec.yaml").unwrap();
    terminal.exp_eof().unwrap();
    let config = corspec::case::load_config(folder.path().join("corspec.yaml")).unwrap();
    assert_eq!(config.server.as_str(), "http://localhost:3000/v1");
    assert_eq!(config.policy.origins, ["https://app.example", "https://admin.example"]);
    assert!(config.policy.credentials);
    assert_eq!(config.routes.iter().map(|route| &*route.path).collect::<Vec<_>>(), ["/items", "/users"]);
}

#[test]
fn whoever_only_presses_enter_gets_a_file_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = init(folder.path());
    for question in ["listen?", "Whose pages", "cookies?", "Which paths"] {
        terminal.exp_string(question).unwrap();
        terminal.send_line("").unwrap();
    }
    terminal.exp_string("Wrote corspec.yaml").unwrap();
    terminal.exp_eof().unwrap();
    let text = std::fs::read_to_string(folder.path().join("corspec.yaml")).unwrap();
    assert!(text.contains("Nobody is let in yet") && text.contains("http://localhost:8080"), "{text}");
}

#[test]
fn every_page_needs_no_cookies() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = init(folder.path());
    terminal.exp_string("listen?").unwrap();
    terminal.send_line("").unwrap();
    terminal.exp_string("Whose pages").unwrap();
    terminal.send_line("*").unwrap();
    // With * there is nothing to ask about cookies.
    terminal.exp_string("Which paths").unwrap();
    terminal.send_line("").unwrap();
    terminal.exp_string("Wrote corspec.yaml").unwrap();
    terminal.exp_eof().unwrap();
}
