//! `corspec judge` holds the contract: recorded exchanges in, outcomes out, one line each, whatever the lines are.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

/// The answers of the library.
fn judged(input: impl AsRef<[u8]>) -> (bool, Vec<Value>) {
    let mut output = Vec::new();
    let all = corspec::judge::judge(input.as_ref(), &mut output).unwrap();
    let text = String::from_utf8(output).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    (all, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The one answer to a line that is a question.
fn answer(question: &Value) -> Value {
    let (all, mut answers) = judged(question.to_string());
    assert!(all, "{answers:?}");
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

/// What the command prints, and how it exits.
fn command(input: impl AsRef<[u8]> + Send) -> (String, Option<i32>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .arg("judge")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // The answers to a long input fill a pipe before all of it is written.
        scope.spawn(move || stdin.write_all(input.as_ref()).unwrap());
        child.wait_with_output().unwrap()
    });
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

/// The contract's own example.
fn put_with_token() -> Value {
    json!({
        "id": "put-with-token", "profile": "fetch", "origin": "https://app.example",
        "request": {
            "url": "https://api.example/x", "method": "PUT", "headers": [["X-Token", "1"]], "credentials": "omit",
            "mode": "cors", "redirect": "follow", "body": null, "initiator": "fetch",
        },
        "responses": [
            {"for": "preflight", "status": 204, "headers": [
                ["Access-Control-Allow-Origin", "*"], ["Access-Control-Allow-Methods", "PUT"],
                ["Access-Control-Allow-Headers", "X-Token"],
            ]},
            {"for": "actual", "status": 200, "headers": [
                ["Access-Control-Allow-Origin", "*"], ["Content-Type", "text/plain"],
            ]},
        ],
    })
}

/// A question about a GET that needs no preflight.
fn get(responses: Value) -> Value {
    json!({"origin": "https://app.example", "request": {"url": "https://api.example/x"}, "responses": responses})
}

const PUT_SENT: &str = r#"[{"for":"preflight","method":"OPTIONS","url":"https://api.example/x","headers":[["Origin","https://app.example"],["Access-Control-Request-Method","PUT"],["Access-Control-Request-Headers","x-token"]]},{"for":"actual","method":"PUT","url":"https://api.example/x","headers":[["Origin","https://app.example"],["X-Token","1"]]}]"#;

#[test]
fn the_contracts_example() {
    let expected = format!(
        r#"{{"id":"put-with-token","profile":"fetch","outcome":"allow","reason":null,"stage":null,"status":200,"type":"cors","visible_headers":["content-type"],"sent":{PUT_SENT},"console":[]}}"#
    );
    let (output, code) = command(put_with_token().to_string());
    assert_eq!(output, expected + "\n");
    assert_eq!(code, Some(0));
}

#[test]
fn a_header_that_is_not_granted_keeps_the_request_from_being_sent() {
    let mut question = put_with_token();
    question["responses"][0]["headers"].as_array_mut().unwrap().truncate(2);
    let answer = answer(&question);
    assert_eq!(
        (&answer["outcome"], &answer["reason"], &answer["stage"]),
        (&json!("block"), &json!("header-not-allowed"), &json!("preflight"))
    );
    assert_eq!(answer["sent"].as_array().unwrap().len(), 1);
}

/// Everything but the origin and the URL may be left out.
#[test]
fn defaults_are_those_of_fetch() {
    let short = get(json!([{"headers": [["Access-Control-Allow-Origin", "https://app.example"]]}]));
    let long = json!({
        "id": null, "profile": "fetch", "origin": "https://app.example",
        "request": {
            "url": "https://api.example/x", "method": "GET", "headers": [], "credentials": "same-origin", "mode": "cors",
            "redirect": "follow", "body": null, "initiator": "fetch",
        },
        "responses": [{
            "for": "actual", "status": 200, "headers": [["Access-Control-Allow-Origin", "https://app.example"]],
        }],
    });
    let answer_to_short = answer(&short);
    assert_eq!(answer_to_short, answer(&long));
    assert_eq!(
        answer_to_short,
        json!({
            "id": null, "profile": "fetch", "outcome": "allow", "reason": null, "stage": null, "status": 200, "type": "cors",
            "visible_headers": [], "console": [],
            "sent": [{
                "for": "actual", "method": "GET", "url": "https://api.example/x",
                "headers": [["Origin", "https://app.example"]],
            }],
        })
    );
}

#[rstest]
#[case::null_origin(
    json!({"origin": "null"}), json!([["Access-Control-Allow-Origin", "null"]]), "allow", Value::Null
)]
#[case::null_is_no_wildcard(
    json!({}), json!([["Access-Control-Allow-Origin", "null"]]), "block", json!("allow-origin-mismatch")
)]
#[case::no_header(json!({}), json!([]), "block", json!("allow-origin-missing"))]
#[case::two_lines_stay_apart(
    json!({}),
    json!([["Access-Control-Allow-Origin", "*"], ["access-control-allow-origin", "*"]]),
    "block",
    json!("allow-origin-multiple")
)]
#[case::wildcard_with_credentials(
    json!({"credentials": "include"}),
    json!([["Access-Control-Allow-Origin", "*"], ["Access-Control-Allow-Credentials", "true"]]),
    "block",
    json!("allow-origin-wildcard-with-credentials")
)]
#[case::without_consent_to_credentials(
    json!({"credentials": "include"}),
    json!([["Access-Control-Allow-Origin", "https://app.example"], ["Access-Control-Allow-Credentials", "True"]]),
    "block",
    json!("allow-credentials-not-true")
)]
#[case::with_consent_to_credentials(
    json!({"credentials": "include"}),
    json!([["Access-Control-Allow-Origin", "https://app.example"], ["Access-Control-Allow-Credentials", "true"]]),
    "allow",
    Value::Null
)]
#[case::a_value_has_no_space_around_it(
    json!({}), json!([["Access-Control-Allow-Origin", " \t* "]]), "allow", Value::Null
)]
#[case::no_cors(json!({"mode": "no-cors"}), json!([]), "opaque", Value::Null)]
#[case::same_origin(json!({"mode": "same-origin"}), json!([]), "block", json!("same-origin-mode"))]
#[case::forbidden_method(json!({"method": "TRACE"}), json!([]), "block", json!("method-forbidden"))]
#[case::a_method_is_bytes(json!({"method": "\u{e9}"}), json!([]), "block", json!("method-invalid"))]
#[case::body_on_a_get(json!({"body": {"type": "text"}}), json!([]), "block", json!("body-not-permitted"))]
#[case::safelisted_body(
    json!({"method": "POST", "body": {"type": "urlencoded"}}),
    json!([["Access-Control-Allow-Origin", "*"]]),
    "allow",
    Value::Null
)]
#[case::no_url(json!({"url": "https://"}), json!([]), "block", json!("url-invalid"))]
fn outcomes(#[case] request: Value, #[case] headers: Value, #[case] outcome: &str, #[case] reason: Value) {
    let mut question = get(json!([{"headers": headers}]));
    for (key, value) in request.as_object().unwrap() {
        let place = if key == "origin" { &mut question[key] } else { &mut question["request"][key] };
        *place = value.clone();
    }
    let answer = answer(&question);
    assert_eq!((&answer["outcome"], &answer["reason"]), (&json!(outcome), &reason), "{answer}");
}

#[rstest]
#[case::followed("follow", "allow", Value::Null, &["GET https://api.example/x", "GET https://other.example/"])]
#[case::handed_over("manual", "opaque", Value::Null, &["GET https://api.example/x"])]
#[case::refused("error", "block", json!("redirect-mode-error"), &["GET https://api.example/x"])]
fn redirects(#[case] mode: &str, #[case] outcome: &str, #[case] reason: Value, #[case] sent: &[&str]) {
    let mut question = get(json!([
        {"status": 302, "headers": [["Location", "https://other.example/"], ["Access-Control-Allow-Origin", "*"]]},
        {"for": "actual", "status": 204, "headers": [["Access-Control-Allow-Origin", "null"]]},
    ]));
    question["request"]["redirect"] = json!(mode);
    let answer = answer(&question);
    assert_eq!((&answer["outcome"], &answer["reason"]), (&json!(outcome), &reason), "{answer}");
    let lines: Vec<_> = answer["sent"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sent| format!("{} {}", sent["method"].as_str().unwrap(), sent["url"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, sent);
    if mode == "follow" {
        assert_eq!(
            answer["sent"][1]["headers"],
            json!([["Origin", "null"]]),
            "the page's origin is not told to a third party"
        );
    }
}

#[test]
fn visible_headers_are_lower_case_sorted_and_told_once() {
    let answer = answer(&get(json!([{"headers": [
        ["X-B", "1"], ["X-A", "1"], ["x-b", "2"], ["X-Secret", "1"], ["Set-Cookie", "a=b"], ["Content-Type", "text/plain"],
        ["Access-Control-Allow-Origin", "*"], ["Access-Control-Expose-Headers", "X-A, x-b, Set-Cookie"],
    ]}])));
    assert_eq!(answer["visible_headers"], json!(["content-type", "x-a", "x-b"]));
}

#[rstest]
#[case::within_max_age(4.5, 1)]
#[case::at_its_end(5.0, 2)]
#[case::after_max_age(7.0, 2)]
fn steps_share_a_preflight_cache(#[case] at: f64, #[case] requests: usize) {
    let preflight = json!({"for": "preflight", "status": 204, "headers": [
        ["Access-Control-Allow-Origin", "*"], ["Access-Control-Allow-Methods", "PUT"], ["Access-Control-Max-Age", "5"],
    ]});
    let fine = json!({"headers": [["Access-Control-Allow-Origin", "*"]]});
    let request = json!({"url": "https://api.example/x", "method": "PUT"});
    let again = if requests == 1 { json!([fine]) } else { json!([preflight, fine]) };
    let answer = answer(&json!({"id": 1, "origin": "https://app.example", "steps": [
        {"request": request, "responses": [preflight, fine]},
        {"at": at, "request": request, "responses": again},
    ]}));
    assert_eq!(answer["id"], 1);
    let keys: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "profile", "steps"]);
    for (step, requests) in answer["steps"].as_array().unwrap().iter().zip([2, requests]) {
        assert_eq!(step["outcome"], "allow", "{step}");
        assert_eq!(step["sent"].as_array().unwrap().len(), requests);
    }
}

#[test]
fn lines_share_nothing() {
    let first = put_with_token();
    let mut second = first.clone();
    second["responses"].as_array_mut().unwrap().remove(0);
    let (_, answers) = judged(format!("{first}\n{second}\n"));
    assert_eq!(answers[0]["outcome"], "allow");
    assert_eq!(answers[1]["outcome"]["error"], "unscripted");
}

#[rstest]
#[case::nothing_left(json!([]), 0, "there is no further entry")]
#[case::left_out(Value::Null, 0, "there is no further entry")]
#[case::another_kind(json!([{"for": "actual"}]), 0, "the next entry is for an actual request")]
#[case::after_the_preflight(
    json!([{"for": "preflight", "status": 204, "headers": [
        ["Access-Control-Allow-Origin", "*"], ["Access-Control-Allow-Methods", "PUT"],
    ]}, {"for": "preflight"}]),
    1,
    "the next entry is for a preflight"
)]
fn unscripted(#[case] responses: Value, #[case] answered: usize, #[case] found: &str) {
    let mut question = get(responses);
    question["request"]["method"] = json!("PUT");
    // The line is a question, so this is an outcome and no reason to exit with 2.
    let (output, code) = command(question.to_string());
    assert_eq!(code, Some(0));
    let answer: Value = serde_json::from_str(&output).unwrap();
    let outcome = &answer["outcome"];
    assert_eq!(outcome["error"], "unscripted");
    assert!(outcome["message"].as_str().unwrap().ends_with(found), "{outcome}");
    let wanted = if answered == 0 {
        json!({"for": "preflight", "method": "OPTIONS", "url": "https://api.example/x", "headers": [
            ["Origin", "https://app.example"], ["Access-Control-Request-Method", "PUT"],
        ]})
    } else {
        json!({"for": "actual", "method": "PUT", "url": "https://api.example/x", "headers": [["Origin", "https://app.example"]]})
    };
    assert_eq!(outcome["request"], wanted);
    assert_eq!(answer["sent"].as_array().unwrap().len(), answered);
    assert_eq!(answer["reason"], Value::Null);
}

#[rstest]
#[case::no_json("{", "not JSON: ")]
#[case::words("hello", "not JSON: ")]
#[case::nul("\0", "not JSON: ")]
#[case::nul_within("{\"id\": \"\0\"}", "not JSON: ")]
#[case::two_objects("{} {}", "not JSON: ")]
#[case::array("[]", "not a JSON object")]
#[case::number("7", "not a JSON object")]
#[case::null("null", "not a JSON object")]
#[case::nothing("{}", "missing field `origin`")]
#[case::no_request(r#"{"origin": "null"}"#, "`request` is missing")]
#[case::origin_of_another_type(
    r#"{"origin": 1, "request": {"url": "https://a.example"}}"#,
    "invalid type: integer `1`"
)]
#[case::origin_with_a_path(
    r#"{"origin": "https://a.example/", "request": {"url": "https://a.example"}}"#,
    "which is no serialized origin: write scheme://host[:port]"
)]
#[case::origin_in_capitals(
    r#"{"origin": "https://A.example", "request": {"url": "https://a.example"}}"#,
    "which is no serialized origin"
)]
#[case::unknown_profile(
    r#"{"profile": "lynx", "origin": "null", "request": {"url": "https://a.example"}}"#,
    "unknown profile `lynx`: there is fetch"
)]
#[case::no_url(r#"{"origin": "null", "request": {}}"#, "missing field `url`")]
#[case::misspelt(r#"{"origin": "null", "request": {"url": "u", "metod": "PUT"}}"#, "unknown field `metod`")]
#[case::unknown_mode(
    r#"{"origin": "null", "request": {"url": "u", "mode": "navigate"}}"#,
    "unknown variant `navigate`"
)]
#[case::method_beyond_bytes(
    r#"{"origin": "null", "request": {"url": "u", "method": "\u0100"}}"#,
    "beyond U+00FF"
)]
#[case::header_beyond_bytes(
    r#"{"origin": "null", "request": {"url": "u"}, "responses": [{"headers": [["A", "\ud83d\ude00"]]}]}"#,
    "beyond U+00FF"
)]
#[case::three_in_a_pair(
    r#"{"origin": "null", "request": {"url": "u", "headers": [["a", "b", "c"]]}}"#,
    "length 3"
)]
#[case::status_of_another_type(
    r#"{"origin": "null", "request": {"url": "u"}, "responses": [{"status": "200"}]}"#,
    "invalid type: string"
)]
#[case::huge_status(
    r#"{"origin": "null", "request": {"url": "u"}, "responses": [{"status": 65536}]}"#,
    "65536"
)]
#[case::unknown_purpose(
    r#"{"origin": "null", "request": {"url": "u"}, "responses": [{"for": "both"}]}"#,
    "`both`"
)]
#[case::empty_steps(r#"{"origin": "null", "steps": []}"#, "`steps` is empty")]
#[case::both(
    r#"{"origin": "null", "request": {"url": "u"}, "steps": [{"request": {"url": "u"}}]}"#,
    "not both"
)]
#[case::responses_beside_steps(
    r#"{"origin": "null", "responses": [], "steps": [{"request": {"url": "u"}}]}"#,
    "belong into each of the `steps`"
)]
#[case::back_in_time(
    r#"{"origin": "null", "steps": [{"at": 2, "request": {"url": "u"}}, {"at": 1, "request": {"url": "u"}}]}"#,
    "goes back in time"
)]
#[case::before_time(
    r#"{"origin": "null", "steps": [{"at": -1, "request": {"url": "u"}}]}"#,
    "counts seconds"
)]
#[case::beyond_time(
    r#"{"origin": "null", "steps": [{"at": 1e300, "request": {"url": "u"}}]}"#,
    "counts seconds"
)]
fn a_line_that_is_no_question(#[case] line: &str, #[case] message: &str) {
    let question = get(json!([{"headers": [["Access-Control-Allow-Origin", "*"]]}]));
    let (output, code) = command(format!("{line}\n{question}\n"));
    assert_eq!(code, Some(2));
    let answers: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 2, "{output}");
    let error = answers[0]["error"].as_str().unwrap();
    assert!(error.contains(message), "{error}");
    assert!(output.starts_with(r#"{"id":null,"error":""#), "{output}");
    assert_eq!(answers[1]["outcome"], "allow", "the run goes on");
}

#[test]
fn bytes_that_are_no_text_are_no_question() {
    let (all, answers) = judged(b"\xff\xfe\n{\"id\": \"\xe9\"}\n");
    assert!(!all);
    assert_eq!(answers.len(), 2);
}

#[test]
fn a_huge_line_is_answered_and_passed_over() {
    let mut input = br#"{"id": "big", "note": ""#.to_vec();
    input.resize(20 << 20, b'x');
    input.extend_from_slice(b"\"}\n");
    input.extend_from_slice(get(json!([])).to_string().as_bytes());
    let (output, code) = command(&input);
    assert_eq!(code, Some(2));
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0], r#"{"id":null,"error":"the line is longer than 8388608 bytes"}"#);
}

#[rstest]
#[case("[")]
#[case("{\"id\":")]
fn deep_nesting_is_no_question(#[case] opening: &str) {
    let (all, answers) = judged(opening.repeat(100_000));
    assert!(!all);
    assert!(answers[0]["error"].as_str().unwrap().starts_with("not JSON: "), "{answers:?}");
}

#[rstest]
#[case(json!(null))]
#[case(json!(true))]
#[case(json!(-7))]
#[case(json!(u64::MAX))]
#[case(json!(1.5))]
#[case(json!("\u{0}\n\u{1f600}"))]
#[case(json!([1, [2]]))]
#[case(json!({"a": {"b": null}}))]
fn an_id_is_echoed_whatever_it_is(#[case] id: Value) {
    let mut question = get(json!([]));
    question["id"] = id.clone();
    assert_eq!(answer(&question)["id"], id);
    question["origin"] = json!("nonsense");
    let (_, answers) = judged(question.to_string());
    assert_eq!(answers[0]["id"], id);
}

#[test]
fn what_else_a_line_holds_is_its_authors_own() {
    let mut question = get(json!([{}]));
    question["expected"] = json!("allow");
    assert_eq!(answer(&question)["outcome"], "block");
}

#[rstest]
#[case::nothing("")]
#[case::blank_lines("\n \n\r\n\t\n")]
fn no_line_no_answer(#[case] input: &str) {
    assert_eq!(command(input), (String::new(), Some(0)));
}

#[test]
fn answers_come_in_order_one_line_each() {
    let lines: Vec<String> = (0..500)
        .map(|id| {
            let mut question = get(json!([{"headers": [["X", "\n\u{2028}"]]}]));
            question["id"] = json!(id);
            if id % 3 == 0 { format!("{{\"id\":{id}}}") } else { question.to_string() }
        })
        .collect();
    let (output, code) = command(lines.join("\r\n"));
    assert_eq!(code, Some(2));
    let ids: Vec<_> = output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, (0..500).collect::<Vec<_>>());
}

/// A program that asks line by line gets each answer before it asks the next.
#[test]
fn every_answer_comes_at_once() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .arg("judge")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = child.stdout.take().unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            tell.send(line.unwrap()).unwrap();
        }
    });
    for _ in 0..3 {
        writeln!(stdin, "{}", get(json!([]))).unwrap();
        told.recv_timeout(Duration::from_secs(30)).expect("an answer");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// Whoever reads the answers may stop to; that is no failure of ours, and no reason to read on for ever.
#[test]
fn a_closed_stdout_ends_it() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .arg("judge")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    let line = format!("{}\n", get(json!([])));
    // It takes as much as a pipe holds, and one line more, to notice.
    while stdin.write_all(line.as_bytes()).is_ok() {}
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Lines that are nearly questions: what is well formed but odd.
fn nearly() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        Just("https://app.example".to_owned()),
        Just("null".to_owned()),
        Just("PUT".to_owned()),
        Just("https://a.example/".to_owned()),
        Just("include".to_owned()),
        Just("preflight".to_owned()),
        ".{0,12}",
    ];
    let leaf = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), text.prop_map(Value::from)];
    let header = prop::collection::vec(leaf.clone(), 0..3).prop_map(Value::from);
    let headers = prop_oneof![leaf.clone(), prop::collection::vec(header, 0..3).prop_map(Value::from)];
    let request = (leaf.clone(), leaf.clone(), headers.clone(), prop::option::of(leaf.clone())).prop_map(
        |(url, method, headers, credentials)| {
            let mut request = json!({"url": url, "method": method, "headers": headers});
            if let Some(credentials) = credentials {
                request["credentials"] = credentials;
            }
            request
        },
    );
    let response =
        (leaf.clone(), headers).prop_map(|(purpose, headers)| json!({"for": purpose, "headers": headers}));
    let responses = prop::collection::vec(response, 0..3).prop_map(Value::from);
    (leaf.clone(), leaf, request, responses).prop_map(|(id, origin, request, responses)| {
        json!({"id": id, "origin": origin, "request": request, "responses": responses}).to_string()
    })
}

proptest! {
    #[test]
    fn every_line_gets_one_answer(lines in prop::collection::vec(
        prop_oneof![
            nearly().prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>().prop_filter("a line has one end", |&byte| byte != b'\n'), 1..80),
        ],
        1..6,
    )) {
        let asked = lines.iter().filter(|line| !line.iter().all(u8::is_ascii_whitespace)).count();
        let (all, answers) = judged(lines.join(&b'\n'));
        prop_assert_eq!(answers.len(), asked);
        prop_assert_eq!(all, answers.iter().all(|answer| answer.get("error").is_none()));
    }
}
