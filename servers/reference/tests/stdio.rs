//! The reference server as a program.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

#[test]
fn speaks_the_server_protocol() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_corspec-server-reference"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = program.stdin.take().unwrap();
    let mut output = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut receive = || serde_json::from_str::<Value>(&output.next().unwrap().unwrap()).unwrap();

    writeln!(input, r#"{{"hello": {{"protocol": 1}}}}"#).unwrap();
    let hello = receive();
    assert_eq!((&hello["hello"]["name"], &hello["hello"]["protocol"]), (&json!("reference"), &json!(1)));

    for seq in [7, 8] {
        let policy = json!({
            "origins": [format!("https://app{seq}.example")], "methods": [], "headers": [], "expose": [],
            "credentials": false, "max_age": null,
        });
        writeln!(input, "{}", json!({"serve": {"seq": seq, "policy": policy}})).unwrap();
    }
    let mut ready = [receive(), receive()];
    ready.sort_by_key(|reply| reply["ready"]["seq"].as_u64());
    for reply in &ready {
        let (seq, url) = (&reply["ready"]["seq"], reply["ready"]["url"].as_str().unwrap());
        let origin = format!("https://app{seq}.example");
        let response = get(url, &origin);
        assert!(response.contains(&format!("access-control-allow-origin: {origin}")), "{response}");
    }

    writeln!(input, r#"{{"drop": {{"seq": 7}}}}"#).unwrap();
    assert_eq!(receive(), json!({"dropped": {"seq": 7}}));
    writeln!(input, r#"{{"serve": {{"seq": 9, "policy": null}}}}"#).unwrap();
    assert_eq!(receive()["unsupported"]["seq"], 9);

    drop(input);
    assert_eq!(program.wait().unwrap().code(), Some(0));
}

#[expect(clippy::unwrap_used, reason = "only the test above uses this")]
fn get(url: &str, origin: &str) -> String {
    let mut stream = std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "GET /resource HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n")
        .unwrap();
    std::io::read_to_string(stream).unwrap()
}
