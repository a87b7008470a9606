//! What a loader says of files, right and wrong.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use corspec_browser::CookieFate;
use corspec_browser::http::Purpose;
use corspec_protocol::Policy;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

const SPEC: &str = "spec: https://fetch.spec.whatwg.org/#cors-check\n";
const REQUEST: &str = "request: {origin: \"https://app.example\"}";

/// A browser suite with one entry, written as the inside of a block mapping below `id` and `why`.
fn browser(entry: &str) -> String {
    format!("suite: demo\n{SPEC}cases:\n  - id: one\n    why: a reason\n{}", indent(entry))
}

/// A server suite with controls and one more entry.
fn server(entry: &str) -> String {
    let controls = r#"
policy:
  {origins: ["https://app.example"], methods: [], headers: [], expose: [], credentials: false, max_age: null}
cases:
  - {id: let-in, why: a control, request: {origin: "https://app.example"}, expect: allow}
  - {id: kept-out, why: a control, request: {origin: "https://evil.test"}, expect: block}
  - id: one
    why: a reason
"#;
    format!("suite: demo\n{}{controls}{}", SPEC.trim_end(), indent(entry))
}

/// A browser suite with one request.
fn request(request: &str) -> String {
    browser(&format!("request: {request}\nexpect: allow"))
}

/// A browser suite with one expectation.
fn expect(expect: &str) -> String {
    browser(&format!("{REQUEST}\nexpect: {expect}"))
}

/// A server suite with that policy.
fn policy(policy: &str) -> String {
    let whole = server(&format!("{REQUEST}\nexpect: allow"));
    let (before, rest) = whole.split_once("policy:\n").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    format!("{before}policy: {policy}\n{after}")
}

fn indent(entry: &str) -> String {
    entry.lines().map(|line| format!("    {line}\n")).collect()
}

fn load_browser(text: impl AsRef<[u8]>) -> Result<Vec<Suite>, Problems> {
    load_files([("browser/demo.yaml", text)])
}

fn load_server(text: impl AsRef<[u8]>) -> Result<Vec<Suite>, Problems> {
    load_files([("server/demo.yaml", text)])
}

#[track_caller]
fn only_case(text: &str) -> Case {
    let mut suites = load_browser(text).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((suites.len(), suites[0].cases.len()), (1, 1));
    suites.remove(0).cases.remove(0)
}

/// Compares what is said of some wrong files with a snapshot.
fn snapshot(name: &str, files: impl IntoIterator<Item = (&'static str, Result<Vec<Suite>, Problems>)>) {
    compare(name, &said(files));
}

#[track_caller]
fn said(files: impl IntoIterator<Item = (&'static str, Result<Vec<Suite>, Problems>)>) -> String {
    let mut said = String::new();
    for (about, loaded) in files {
        let problems = loaded.expect_err(about);
        writeln!(said, "## {about}\n\n{problems}\n").unwrap();
    }
    said
}

fn compare(name: &str, said: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, said));
}

#[test]
fn a_case_of_a_browser() {
    let text = r#"
suite: demo
spec: https://fetch.spec.whatwg.org/#cors-check
about: For a reader.
cases:
  - id: one
    why: it shows everything
    spec: https://fetch.spec.whatwg.org/#cors-preflight-fetch
    level: should
    browser:
      cookies: [{url: "https://api.example/", set: "a=\xE9; Secure"}]
      third_party_cookies: block
      http_cache: true
      local_network: {page: local, granted: true, hosts: {nas.example: local, me.example: loopback}}
    shared_cache: ignores-vary
    request:
      origin: "null"
      top_level: "https://top.example"
      referrer_policy: no-referrer
      url: "https://api.example/a?b"
      method: "P\xE9T"
      headers: ["X-A:  b", [X-A, ""], "X-B:c"]
      credentials: include
      mode: no-cors
      redirect: manual
      preflight_only: true
      body: {type: blob, content_type: application/json, size: 9}
    responses:
      - {for: preflight, status: 204, headers: ["X: \xE9\r\n folded", [" odd", "v"]]}
      - {body: "\xFF"}
      - {close: true}
    expect:
      block: allow-origin-missing
      any_of: [allow-origin-mismatch]
      stage: actual
      preflight: sent
      sent:
        - OPTIONS
        - {method: PUT, url: "https://api.example/", headers: ["Origin: null"], without: [X-C], for: actual}
    profiles:
      webkit:
        {outcome: allow, status: 200, type: cors, visible: [X-A, "X-B: c"], hidden: [X-C], cookies: {a: sent},
         set_cookies: {b: domain-mismatch}, source: shared-cache, timing: false}
"#;
    let suite = load_browser(text).unwrap().remove(0);
    assert_eq!((suite.name.as_str(), suite.kind), ("demo", Kind::Browser));
    assert_eq!(suite.about.as_deref(), Some("For a reader."));
    assert_eq!((suite.source.path.as_str(), &*suite.source.text), ("browser/demo.yaml", text));

    let case = suite.case("one").unwrap();
    assert_eq!((case.level, case.spec.is_some()), (Level::Should, true));
    assert_eq!(case.shared_cache, Some(SharedCache::IgnoresVary));
    assert_eq!(
        case.browser,
        BrowserSetup {
            cookies: vec![HeldCookie {
                url: Some("https://api.example/".to_owned()),
                line: b"a=\xE9; Secure".to_vec(),
            }],
            third_party_cookies: ThirdPartyCookies::Block,
            http_cache: true,
            local_network: Some(LocalNetwork {
                page: AddressSpace::Local,
                granted: true,
                hosts: vec![
                    ("nas.example".to_owned(), AddressSpace::Local),
                    ("me.example".to_owned(), AddressSpace::Loopback),
                ],
            }),
        }
    );
    let step = &case.steps[0];
    let bytes = |text: &str| text.as_bytes().to_vec();
    assert_eq!(
        step.request,
        Request {
            origin: PageOrigin::Serialized("null".to_owned()),
            top_level: Some("https://top.example".to_owned()),
            referrer_policy: ReferrerPolicy::NoReferrer,
            target: Target::Url("https://api.example/a?b".to_owned()),
            method: "P\u{E9}T".to_owned(),
            headers: vec![(bytes("X-A"), bytes(" b")), (bytes("X-A"), bytes("")), (bytes("X-B"), bytes("c"))],
            credentials: Credentials::Include,
            mode: Mode::NoCors,
            redirect: Redirect::Manual,
            body: Some(Body {
                kind: BodyKind::Blob,
                content_type: Some("application/json".to_owned()),
                size: Some(9)
            }),
            initiator: Initiator::Fetch,
            crossorigin: CrossOrigin::Absent,
            keepalive: false,
            preflight_only: true,
        }
    );
    let plain = Scripted {
        purpose: Purpose::Actual,
        status: 200,
        header_lines: Vec::new(),
        body: Vec::new(),
        close: false,
    };
    assert_eq!(
        step.responses,
        [
            Scripted {
                purpose: Purpose::Preflight,
                status: 204,
                header_lines: vec![b"X: \xE9\r\n folded".to_vec(), bytes(" odd: v")],
                ..plain.clone()
            },
            Scripted { body: vec![0xFF], ..plain.clone() },
            Scripted { close: true, ..plain },
        ]
    );
    assert_eq!(
        step.expect,
        Expect {
            reasons: vec!["allow-origin-missing".to_owned(), "allow-origin-mismatch".to_owned()],
            stage: Some(Stage::Actual),
            preflight: Some(PreflightUse::Sent),
            sent: Some(vec![
                SentExpect {
                    method: Some("OPTIONS".to_owned()),
                    url: None,
                    headers: Vec::new(),
                    without: Vec::new(),
                    purpose: None,
                },
                SentExpect {
                    method: Some("PUT".to_owned()),
                    url: Some("https://api.example/".to_owned()),
                    headers: vec![("Origin".to_owned(), bytes("null"))],
                    without: vec!["X-C".to_owned()],
                    purpose: Some(Purpose::Actual),
                },
            ]),
            ..Expect::outcome(Outcome::Block)
        }
    );
    assert_eq!(
        case.expect_under("webkit", 0),
        Some(&Expect {
            status: Some(200),
            response_type: Some(ResponseType::Cors),
            visible: vec![
                Visible { name: "X-A".to_owned(), value: None },
                Visible { name: "X-B".to_owned(), value: Some(bytes("c")) },
            ],
            hidden: vec!["X-C".to_owned()],
            cookies: vec![("a".to_owned(), CookieFate::Sent)],
            set_cookies: vec![("b".to_owned(), CookieFate::DomainMismatch)],
            source: Some(ResponseSource::SharedCache),
            timing: Some(false),
            ..Expect::outcome(Outcome::Allow)
        })
    );
    assert_eq!(case.expect_under("fetch", 0), Some(&step.expect));
}

#[test]
fn a_case_of_a_server() {
    let entry = "steps:\n  - {at: 0, request: {origin: self, path: \"/redirect?to={twin}%2Fresource\"}, expect: allow}\n  \
                 - {at: 5, visitor: second, request: {origin: \"https://app.example\"}, expect: {outcome: allow, hits: 2}}";
    let text = server(entry).replace("cases:", "server: \"https://api.example\"\ncases:");
    let suite = load_server(text).unwrap().remove(0);
    assert_eq!(suite.server.as_deref(), Some("https://api.example"));
    assert_eq!(
        suite.policy,
        Some(Policy {
            origins: vec!["https://app.example".to_owned()],
            methods: Vec::new(),
            headers: Vec::new(),
            expose: Vec::new(),
            credentials: false,
            max_age: None,
        })
    );
    let case = suite.case("one").unwrap();
    assert_eq!(case.steps[0].request.origin, PageOrigin::ServerItself);
    assert_eq!(case.steps[0].request.target, Target::Path("/redirect?to={twin}%2Fresource".to_owned()));
    assert_eq!((case.steps[1].at, &*case.steps[1].visitor), (5, "second"));
    assert_eq!(case.steps[1].request.target, Target::Path("/resource".to_owned()));
    assert_eq!(case.steps[1].expect.hits, Some(2));
    assert_eq!(suite.cases[1].steps[0].expect, Expect::outcome(Outcome::Block));
}

#[test]
fn a_matrix_multiplies() {
    let entry = "matrix:\n  method: [PUT, x-Y]\n  status: {ok: 200, gone: 410}\n\
                 request: {origin: \"https://app.example\", method: \"{method}\"}\n\
                 responses: [{status: \"{status}\", headers: [\"X: {status} {method}{\"], body: \"{server}\"}]\n\
                 expect: {outcome: allow, status: \"{status}\"}";
    let suite = load_browser(browser(entry)).unwrap().remove(0);
    let cases: Vec<_> = suite
        .cases
        .iter()
        .map(|case| {
            let step = &case.steps[0];
            let line = String::from_utf8_lossy(&step.responses[0].header_lines[0]).into_owned();
            (case.id.as_str(), &*step.request.method, step.expect.status, line)
        })
        .collect();
    assert_eq!(
        cases,
        [
            ("one-put-ok", "PUT", Some(200), "X: 200 PUT{".to_owned()),
            ("one-put-gone", "PUT", Some(410), "X: 410 PUT{".to_owned()),
            ("one-x-y-ok", "x-Y", Some(200), "X: 200 x-Y{".to_owned()),
            ("one-x-y-gone", "x-Y", Some(410), "X: 410 x-Y{".to_owned()),
        ]
    );
    assert_eq!(suite.cases[0].steps[0].responses[0].body, b"{server}");
}

#[rstest]
#[case::null("null")]
#[case::https("https://app.example")]
#[case::port("http://app.example:8080")]
#[case::ipv6("http://[::1]:3000")]
#[case::punycode("https://xn--bcher-kva.example")]
#[case::extension("chrome-extension://abcdefghijklmnop")]
#[case::app("capacitor://localhost")]
fn origins_of_pages(#[case] origin: &str) {
    let case = only_case(&request(&format!("{{origin: \"{origin}\"}}")));
    assert_eq!(case.steps[0].request.origin, PageOrigin::Serialized(origin.to_owned()));
}

#[rstest]
#[case::odd_method(&request("{origin: \"null\", method: \"A B\"}"))]
#[case::empty_method(&request("{origin: \"null\", method: \"\"}"))]
#[case::odd_header_name(&request("{origin: \"null\", headers: [[\"A B\", \"\\0\"], [\"\", \"\"]]}"))]
#[case::broken_url(&request("{origin: \"null\", url: \"https://a b\"}"))]
#[case::quoted_yaml_words(&browser("request: {origin: \"null\", headers: [[\"X\", \"true\"]]}\n\
 responses: [{body: \"~\"}]\n\
 expect: allow"))]
#[case::bare_words_of_old_yaml(&browser("request: {origin: \"null\", headers: [[X, no]]}\nexpect: allow"))]
#[case::braces_without_matrix(&browser("request: {origin: \"null\", headers: [[\"{a}\", x]]}\n\
 expect: allow"))]
#[case::opaque_redirect(&expect("{outcome: opaque, type: opaqueredirect, status: 0}"))]
#[case::carriage_returns(&expect("allow").replace('\n', "\r\n"))]
#[case::byte_order_mark(&format!("\u{FEFF}{}", expect("allow")))]
#[case::anchor_and_alias(&browser("request: &r {origin: \"null\"}\n\
 expect: &e allow\n\
 profiles: {webkit: *e}"))]
#[case::document_start(&format!("# about\n---\n{}", expect("allow")))]
fn odd_but_right(#[case] text: &str) {
    only_case(text);
}

#[test]
fn problems_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let within = |name: &str| folder.path().join(name);
    fs::create_dir_all(within("empty")).unwrap();
    fs::create_dir_all(within("cases/browser/browser")).unwrap();
    fs::write(within("empty/notes.md"), "").unwrap();
    fs::write(within("cases/browser/old.yml"), "").unwrap();
    fs::write(within("cases/stray.yaml"), expect("allow")).unwrap();
    fs::write(within("cases/browser/demo.yaml"), expect("allow")).unwrap();
    fs::write(within("cases/browser/browser/demo.yaml"), expect("allow")).unwrap();
    fs::write(within("cases/browser/large.yaml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    let said = said([
        ("an empty folder", load_dir(within("empty"))),
        ("no folder", load_dir(within("absent"))),
        ("no file", load_files(std::iter::empty::<(&str, &str)>())),
        ("another file", load_dir(within("empty/notes.md"))),
        ("several", load_dir(within("cases"))),
        ("no kind", load_files([("demo.yaml", expect("allow"))])),
        ("too large", load_browser(vec![b' '; (1 << 20) + 1])),
        ("not UTF-8", load_browser(b"suite: demo\nabout: caf\xE9\n")),
        ("UTF-16", load_browser(b"\xFF\xFEs\0u\0")),
        ("empty", load_browser("")),
        ("only a comment", load_browser("# later\n\n---\n")),
        ("only null", load_browser("~")),
        ("a list", load_browser("[]")),
    ]);
    compare("files", &said.replace(folder.path().to_str().unwrap(), "…"));
    let suites = load_dir(within("cases/browser/demo.yaml")).unwrap();
    assert_eq!(suites[0].kind, Kind::Browser);
    assert!(load_dir_as(within("cases/stray.yaml"), Kind::Browser).is_err());
    assert!(load_files_as(Kind::Browser, [("demo.yaml", expect("allow"))]).is_ok());
}

#[test]
fn problems_of_yaml() {
    snapshot(
        "yaml",
        [
            ("asterisk", load_server(policy("{origins: [*], methods: [GET]}"))),
            ("asterisk and name", load_server(policy("{origins: [*any]}"))),
            ("brace", load_browser(browser("request: {origin: {x}/y}"))),
            ("colon in a text", load_browser("suite: demo\nabout: this: that\n")),
            ("tab", load_browser("suite: demo\ncases:\n\t- id: a\n")),
            ("backtick", load_browser("suite: demo\nabout: `x` is\n")),
            ("open list", load_browser("suite: [a, b\nspec: c\n")),
            ("bad escape", load_browser("suite: \"\\q\"\n")),
            ("raw control character", load_browser("suite: demo\nabout: a\u{1B}[31mb\n")),
            ("two documents", load_browser("suite: demo\n---\nsuite: demo\n")),
            (
                "key twice",
                load_browser(format!(
                    "{}suite: demo\n",
                    browser("why: again\nrequest: 1\nrequest: 2\nexpect: allow")
                )),
            ),
            ("number as key", load_browser(browser("1: 2\n[a]: 3\nexpect: allow"))),
            ("tag", load_browser(expect("!block x"))),
            ("escape character", load_browser("suite: demo\nabout: \"\u{7F}\"\n")),
            ("directive", load_browser(format!("%YAML 1.2\n---\n{}", expect("allow")))),
            ("not closed", load_browser("suite: \"demo\ncases: []\n")),
            ("merge key", load_browser(browser("<<: {id: x}\nrequest: {origin: \"null\"}\nexpect: allow"))),
        ],
    );
}

#[test]
fn problems_of_suites() {
    let controls = |cases: &str| {
        let whole =
            policy("{origins: [], methods: [], headers: [], expose: [], credentials: true, max_age: 5}");
        format!("{}cases:\n{cases}", whole.split_once("cases:").unwrap().0)
    };
    snapshot(
        "suites",
        [
            ("unknown key", load_browser(expect("allow").replace("spec:", "spek:"))),
            ("nothing known", load_browser("a: b\n")),
            ("another name", load_browser(expect("allow").replace("demo", "other"))),
            ("no kebab-case", load_browser(expect("allow").replace("demo", "My Demo"))),
            ("number as name", load_browser(expect("allow").replace("demo", "404"))),
            ("spec without anchor", load_browser(expect("allow").replace("#cors-check", ""))),
            ("spec without https", load_browser(expect("allow").replace("https://fetch", "http://fetch"))),
            ("no case", load_browser(format!("suite: demo\n{SPEC}cases: []\n"))),
            ("cases is empty", load_browser(format!("suite: demo\n{SPEC}cases:\n"))),
            ("cases is a mapping", load_browser(format!("suite: demo\n{SPEC}cases: {{a: b}}\n"))),
            ("case is a text", load_browser(format!("suite: demo\n{SPEC}cases: [one]\n"))),
            (
                "id twice",
                load_browser(format!(
                    "{0}{1}",
                    expect("allow"),
                    expect("opaque").split_once("cases:\n").unwrap().1
                )),
            ),
            ("policy of a browser", load_browser(format!("policy: {{}}\n{}", expect("allow")))),
            ("server without policy", load_server(policy("x").replace("policy: x\n", ""))),
            ("policy of nothing", load_server(policy("null"))),
            (
                "no control that is let in",
                load_server(controls(&format!(
                    "  - {{id: a, why: b, {REQUEST}, expect: block}}\n  \
                     - {{id: b, why: b, level: should, {REQUEST}, expect: allow}}\n"
                ))),
            ),
            (
                "no control at all",
                load_server(controls(&format!("  - {{id: b, why: b, {REQUEST}, expect: opaque}}\n"))),
            ),
        ],
    );
}

#[test]
fn problems_of_policies() {
    snapshot(
        "policies",
        [
            ("incomplete", load_server(policy("{origins: [], maxage: 3}"))),
            (
                "types",
                load_server(policy(
                    r#"{origins: "*", methods: [GET, 1], headers: null, expose: {}, credentials: yes, max_age: "600"}"#,
                )),
            ),
            (
                "numbers",
                load_server(policy(
                    "{origins: [], methods: [], headers: [], expose: [], credentials: true, max_age: -1}",
                )),
            ),
            (
                "entries",
                load_server(policy(
                    r#"
  origins: ["*", "https://a.example/", null, "*.a.example", "https://*", "https://*.a.example:443"]
  methods: [GET, GET, "A B"]
  headers: ["*", X]
  expose: [""]
  credentials: true
  max_age: 1.5"#,
                )),
            ),
        ],
    );
}

#[test]
fn problems_of_cases() {
    snapshot(
        "cases",
        [
            ("nothing", load_browser(browser(""))),
            ("unknown key", load_browser(browser(&format!("{REQUEST}\nexpects: allow")))),
            ("id", load_browser(expect("allow").replace("id: one", "id: One_Two"))),
            ("id of signs", load_browser(expect("allow").replace("id: one", r#"id: "--""#))),
            ("why is empty", load_browser(expect("allow").replace("a reason", r#"" ""#))),
            ("why is absent", load_browser(expect("allow").replace("why: a reason", "why:"))),
            ("level", load_browser(browser(&format!("level: shoud\n{REQUEST}\nexpect: allow")))),
            ("spec", load_browser(browser(&format!("spec: \"#cors-check\"\n{REQUEST}\nexpect: allow")))),
            (
                "steps and request",
                load_browser(browser(&format!(
                    "steps: [{{at: 0, {REQUEST}, expect: allow}}]\n{REQUEST}\nexpect: allow"
                ))),
            ),
            ("no steps", load_browser(browser("steps: []"))),
            (
                "steps",
                load_browser(browser(&format!(
                    "steps:\n  \
                     - {{at: 5, {REQUEST}, expect: allow}}\n  \
                     - {{at: 4, {REQUEST}, expect: allow}}\n  \
                     - {{at: 1.5, {REQUEST}, expect: allow, why: x}}\n  \
                     - {{{REQUEST}}}"
                ))),
            ),
            (
                "profiles",
                load_browser(browser(&format!(
                    "{REQUEST}\nexpect: allow\nprofiles: {{fetch: allow, safari: allow, chromium: blok}}"
                ))),
            ),
            ("no profiles", load_browser(browser(&format!("{REQUEST}\nexpect: allow\nprofiles: {{}}")))),
            (
                "keys of a browser case",
                load_server(server(&format!(
                    "{REQUEST}\nexpect: allow\nresponses: []\nprofiles: {{webkit: block}}"
                ))),
            ),
            (
                "keys of a browser step",
                load_server(server(&format!("steps: [{{at: 0, {REQUEST}, responses: [], expect: allow}}]"))),
            ),
        ],
    );
}

#[test]
fn problems_of_requests() {
    let origin = |origin: &str| load_browser(request(&format!("{{origin: {origin}}}")));
    let with = |more: &str| load_browser(request(&format!(r#"{{origin: "null", {more}}}"#)));
    let to_server =
        |more: &str| load_server(server(&format!("request: {{origin: \"null\", {more}}}\nexpect: allow")));
    snapshot(
        "requests",
        [
            ("no origin", load_browser(request("{}"))),
            ("misspelt key", with("metod: GET, creds: include")),
            ("null", origin("null")),
            ("number", origin("5")),
            ("no scheme", origin("app.example")),
            ("empty", origin(r#""""#)),
            ("slash", origin(r#""https://app.example/""#)),
            ("path", origin(r#""https://app.example/a?b""#)),
            ("default port", origin(r#""https://app.example:443""#)),
            ("upper case", origin(r#""HTTPS://App.Example""#)),
            ("not ASCII", origin(r#""https://bücher.example""#)),
            ("user name", origin(r#""https://me@app.example""#)),
            ("bad port", origin(r#""https://app.example:port""#)),
            ("no host", origin(r#""https://""#)),
            ("file", origin(r#""file:///home""#)),
            ("pattern", origin(r#""https://*.app.example""#)),
            ("any", origin(r#""*""#)),
            ("self in a browser file", origin("self")),
            ("path in a browser file", with("path: /x")),
            ("url in a server file", to_server(r#"url: "https://api.example/""#)),
            ("path without a slash", to_server("path: resource")),
            ("path with a space", to_server(r#"path: "/a b#c""#)),
            ("path in braces", to_server("path: {server}")),
            ("method of a server case", to_server(r#"method: "A B""#)),
            ("method beyond bytes", with(r#"method: "GÉT→""#)),
            ("method is a boolean", with("method: true")),
            ("header lines", with(r#"headers: [X-Token, ":x", "", 5, {X-A: b}, [a], [a, 1], "X: €"]"#)),
            ("headers as a mapping", with("headers: {X-A: b}")),
            ("headers of a server case", to_server("headers: [\"A B: c\", [A, \"b\\nc\"]]")),
            (
                "words",
                with("credentials: included, mode: nocors, redirect: Follow, body: json, initiator: img"),
            ),
            ("body", with("body: {kind: blob}, method: POST")),
            ("top level", with("top_level: top.example, referrer_policy: none")),
            ("size of a form", with("body: {type: formdata, size: 5}, method: POST")),
            ("size", with("body: {type: text, size: 5000000000}, method: POST")),
            ("content type of a text", with("body: {type: text, content_type: a/b}, method: POST")),
            (
                "what XMLHttpRequest cannot",
                with("initiator: xhr, credentials: omit, mode: no-cors, redirect: error, body: stream"),
            ),
        ],
    );
}

#[test]
fn problems_of_browsers() {
    let browser_of = |browser_setup: &str| {
        load_browser(browser(&format!("browser: {browser_setup}\n{REQUEST}\nexpect: allow")))
    };
    let of_server = |entry: &str| load_server(server(&format!("{entry}\n{REQUEST}\nexpect: allow")));
    snapshot(
        "browsers",
        [
            ("no mapping", browser_of("chromium")),
            ("unknown key", browser_of("{cookie: []}")),
            ("words", browser_of("{third_party_cookies: blocked, http_cache: 1}")),
            ("cookies", browser_of(r#"{cookies: ["a=b", {url: api.example, set: 5}, {set: "a=€"}]}"#)),
            (
                "address spaces",
                browser_of(
                    "{local_network: {page: lan, granted: yes, hosts: {nas.example: here, 5: local}}}",
                ),
            ),
            ("hosts", browser_of("{local_network: {hosts: [nas.example]}}")),
            ("shared cache", load_browser(browser(&format!("shared_cache: true\n{REQUEST}\nexpect: allow")))),
            (
                "visitor",
                load_browser(browser(&format!("steps: [{{at: 0, visitor: '', {REQUEST}, expect: allow}}]"))),
            ),
            ("local network of a server", of_server("browser: {local_network: {}}")),
            (
                "cookie of a server",
                of_server("browser: {cookies: [{url: \"https://api.example/\", set: a}]}"),
            ),
        ],
    );
}

#[test]
fn problems_of_responses() {
    let responses =
        |responses: &str| load_browser(browser(&format!("{REQUEST}\nresponses: {responses}\nexpect: allow")));
    snapshot(
        "responses",
        [
            ("no list", responses("{status: 200}")),
            (
                "words and numbers",
                responses(r#"[{for: prefight, status: 99, code: 1}, {status: "200"}, {close: 1}]"#),
            ),
            ("no answer and an answer", responses(r#"[{close: true, status: 200, headers: [], body: ""}]"#)),
            ("header lines", responses("[{headers: [x, \"a: b\\r\\n\", \"a: b\\nc: d\", \"a: €\"]}]")),
            ("body", responses(r#"[{body: 5}, {body: "€"}, {body: {a: b}}]"#)),
        ],
    );
}

#[test]
fn problems_of_expectations() {
    let expect = |text: &str| load_browser(expect(text));
    snapshot(
        "expectations",
        [
            ("word", expect("pass")),
            ("nothing", expect("~")),
            ("block without a reason", expect("block")),
            ("mapping without a reason", expect("{outcome: block}")),
            ("no outcome", expect("{status: 200}")),
            ("unknown key", expect("{outcome: allow, visble: []}")),
            ("reason", expect("{block: allow-origin-mising}")),
            ("several reasons", expect("{block: [allow-origin-missing]}")),
            ("reason twice", expect("{block: url-invalid, any_of: [url-invalid]}")),
            ("block and allow", expect("{outcome: allow, block: url-invalid}")),
            ("what only a block has", expect("{outcome: allow, any_of: [url-invalid], stage: actual}")),
            (
                "what a block has not",
                expect("{block: url-invalid, status: 200, type: cors, visible: [A], hidden: [B]}"),
            ),
            (
                "stage of a reason",
                expect("{block: url-invalid, any_of: [same-origin-mode, network-error], stage: actual}"),
            ),
            ("preflight of a stage", expect("{block: network-error, stage: preflight, preflight: none}")),
            ("preflight of a reason", expect("{block: method-not-allowed, preflight: cached}")),
            (
                "preflight before anything is sent",
                expect("{block: url-invalid, stage: request, preflight: sent, sent: [GET]}"),
            ),
            ("type", expect("{outcome: allow, type: opaque}")),
            ("type of an opaque", expect("{outcome: opaque, type: cors}")),
            ("status", expect("{outcome: opaque, status: 200}")),
            ("status 0", expect("{outcome: allow, status: 0}")),
            ("status as text", expect("{outcome: allow, status: ok}")),
            ("headers of an opaque", expect("{outcome: opaque, visible: [A]}")),
            (
                "visible and hidden",
                expect(r#"{outcome: allow, visible: [X-A, "X B: c", "é: c"], hidden: [x-a, "A: b"]}"#),
            ),
            ("visible and hidden alike", expect("{outcome: allow, visible: [X-A], hidden: [x-a]}")),
            (
                "sent",
                expect(
                    r#"{outcome: allow, sent: ["A B", {methd: GET}, {headers: ["A: b"], without: [a]}, {for: both, url: ""}]}"#,
                ),
            ),
            (
                "cookies",
                expect("{outcome: allow, cookies: {a: send}, set_cookies: [b], source: cache, timing: 1}"),
            ),
            ("hits in a browser file", expect("{outcome: allow, hits: 1}")),
            (
                "hits below zero",
                load_server(server(&format!("{REQUEST}\nexpect: {{outcome: allow, hits: -1}}"))),
            ),
        ],
    );
}

#[test]
fn problems_of_matrices() {
    let matrix = |matrix: &str| {
        let request = r#"request: {origin: "null", method: "{method}"}"#;
        load_browser(browser(&format!("matrix: {matrix}\n{request}\nexpect: allow")))
    };
    let many: Vec<String> = (0..30).map(|n| format!("v{n}")).collect();
    let many = many.join(", ");
    snapshot(
        "matrices",
        [
            ("no mapping", matrix("[PUT]")),
            ("no axis", matrix("{}")),
            ("no value", matrix("{method: []}")),
            ("one value", matrix("{method: PUT}")),
            ("names", matrix(r#"{server: [a], "a b": [a], 5: [a]}"#)),
            ("values", matrix(r#"{method: [PUT, "A B", "", "→", null, [x]]}"#)),
            ("parts of ids", matrix("{method: {Put: PUT, 5: x, ok: null}}")),
            ("unused", matrix("{method: [PUT], other: [a]}")),
            (
                "unknown",
                load_browser(browser(
                    "matrix: {method: [PUT]}\n\
                     request: {origin: \"null\", method: \"{metod}\", headers: [\"A: {method}\"]}\n\
                     expect: allow",
                )),
            ),
            (
                "used in why only",
                load_browser(
                    expect("allow").replace("why: a reason", "why: a {reason}\n    matrix: {reason: [a, b]}"),
                ),
            ),
            ("no matrix", load_browser(expect("allow").replace("why: a reason", "why: a {reason}"))),
            ("same id", matrix("{method: [PUT, put]}")),
            ("number in place of a text", matrix("{method: [200]}")),
            (
                "a mistake of one value",
                load_browser(browser(
                    "matrix: {o: {a: \"https://a.example\", b: \"https://b.example/\"}}\n\
                     request: {origin: \"{o}\"}\n\
                     expect: allow",
                )),
            ),
            (
                "a mistake of all",
                load_browser(browser(
                    "matrix: {m: [A, B]}\n\
                     request: {origin: \"null\", method: \"{m}\", mode: x}\n\
                     expect: allow",
                )),
            ),
            (
                "a mistake of all that could lead to another",
                load_browser(browser(
                    "matrix: {m: [A, B]}\n\
                     request: {origin: \"null\", method: \"{m}\"}\n\
                     expect: {block: x}",
                )),
            ),
            ("too many", matrix(&format!("{{method: [{many}], a: [{many}]}}"))),
        ],
    );
}

#[test]
fn hostile_text_stays_plain() {
    let long = format!("{}\u{E9}{}", "x".repeat(300), "y".repeat(300));
    let files = [
        ("escapes", load_browser(request("{origin: \"null\", \"\\e[2J\\u202E\": \"\\e[31m\"}"))),
        ("bidirectional", load_browser(request("{origin: \"null\", a\u{202E}b: c}"))),
        ("tab before", load_browser(request("{origin:\t\"null\",\tmethd: GET}"))),
        ("wide", load_browser(request(r#"{origin: "null", headers: ["ä: ö", "日本: x"], methd: GET}"#))),
        ("long key", load_browser(request(&format!(r#"{{origin: "null", {long}: GET}}"#)))),
        ("long line", load_browser(request(&format!(r#"{{origin: "null", body: "{long}", methd: GET}}"#)))),
        ("path", load_files([("browser/\u{1B}[2J.yaml", "")])),
    ];
    for (about, loaded) in &files {
        let said = loaded.as_ref().unwrap_err().to_string();
        assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{about}: {said:?}");
    }
    snapshot("hostile", files);
}

#[rstest]
#[case::billion_laughs(laughs(), "its aliases blow the file up too far")]
#[case::quadratic_aliases(aliases(&"x, ".repeat(20_000), 20_000), "its aliases")]
#[case::aliased_text(aliases(&"x".repeat(500_000), 100_000), "its aliases")]
#[case::deep_lists("[".repeat(5_000), "nest too deep")]
#[case::deep_closed_lists("[".repeat(5_000) + &"]".repeat(5_000), "nest too deep")]
#[case::deep_mappings("{a: ".repeat(5_000), "nest too deep")]
#[case::deepest_lists("[".repeat(1 << 20), "nest too deep")]
#[case::deep_block_lists("- ".repeat(100_000), "nest too deep")]
#[case::deep_explicit_keys("? ".repeat(100_000), "nest too deep")]
#[case::wide_and_deep("[".repeat(120) + &"[],".repeat(20_000) + &"]".repeat(120), "must be a mapping")]
#[case::open_keys("[a ".repeat(100_000), "nest too deep")]
#[case::indented(lines(1_400, |n| format!("{}a:", " ".repeat(n))), "nest too deep")]
#[case::anchors(lines(10_000, |n| format!("- &a{n} x")), "must be a mapping")]
#[case::directives(lines(40_000, |n| format!("%TAG !a{n}! tag:")), "a line that begins with `%`")]
#[case::deep_duplicates(format!("{{a: 1, a: 1, b: {}", "[".repeat(100_000)), "nest too deep")]
#[case::many_duplicates("a: 1\n".repeat(20_000), "stands twice")]
#[case::many_mistakes(lines(10_000, |n| format!("k{n}: 1")), "more problems in this file are not shown")]
#[case::many_mistakes_in_a_line(format!("{{é: é,{}}}", in_a_line(10_000)), "more problems")]
#[case::matrix_of_ten_axes(request("{origin: \"{a}\"}") + &ten_axes(), "expands into 3486784401 cases")]
#[case::matrix_of_long_texts(request("{origin: \"{a}\"}") + &long_texts(), "too far")]
fn hostile_files_end_soon(#[case] text: String, #[case] said: &str) {
    let begun = Instant::now();
    let problems = load_browser(text).unwrap_err().to_string();
    assert!(problems.contains(said), "{}", &problems[..problems.len().min(2_000)]);
    // Generous for a busy machine; what grows with the square of the size takes longer than that.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|number| line(number) + "\n").collect()
}

fn in_a_line(count: usize) -> String {
    lines(count, |number| format!("k{number}: 1,")).replace('\n', "")
}

fn aliases(content: &str, count: usize) -> String {
    format!("a: &a [{content}]\nb: [{}]\n", "*a, ".repeat(count))
}

fn ten_axes() -> String {
    let axes: Vec<String> = ('a'..='j').map(|axis| format!("{axis}: [1, 2, 3, 4, 5, 6, 7, 8, 9]")).collect();
    format!("    matrix: {{{}}}\n", axes.join(", "))
}

fn long_texts() -> String {
    let (long, many) = ("x".repeat(400_000), "{a}".repeat(200_000));
    format!("    matrix: {{a: {{x: \"{long}\"}}}}\n    about: \"{many}\"\n")
}

fn laughs() -> String {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{below}]").unwrap();
    }
    text
}

#[test]
fn parts_of_cases_are_found() {
    let text = browser(
        "steps:\n  \
         - {at: 0, request: {origin: \"null\"}, expect: allow}\n  \
         - at: 1\n    \
         request: {origin: \"null\"}\n    \
         expect: allow",
    );
    let suite = load_browser(text).unwrap().remove(0);
    let at = |key| locate(&suite, "one", key).map(|at| (at.line, at.column, at.length));
    assert_eq!(at(""), Some((4, 5, 1)));
    assert_eq!(at("why"), Some((5, 5, 3)));
    assert_eq!(at("steps.1.expect"), Some((10, 9, 6)));
    assert_eq!(at("steps.0.request.method"), Some((7, 17, 7)));
    assert_eq!(locate(&suite, "two", "expect"), None);
}

#[test]
fn places_of_problems_are_values() {
    let problems = load_browser(request("{origin: \"null\", metod: GET}")).unwrap_err();
    let problem = problems.iter().next().unwrap();
    assert_eq!(problem.path, "browser/demo.yaml");
    assert_eq!(problem.location, Some(Location { line: 6, column: 31, length: 5 }));
    assert_eq!(problem.message, "unknown key `metod` in a request");
    assert!(problem.help.as_ref().unwrap().starts_with("did you mean `method`?"));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = load_browser(&bytes).map_err(|problems| problems.to_string());
    }

    #[test]
    fn no_text_panics(text in "[-a-z0-9 \\n\\t\\r:,\\[\\]{}\"'*&!|>%@`#?~.\u{85}\u{2028}é日\\\\]{0,120}") {
        let _ = load_browser(&text).map_err(|problems| problems.to_string());
    }

    /// A case file with pieces cut out, put in and doubled reaches deeper than anything made up.
    #[test]
    fn no_damage_panics(
        is_server in any::<bool>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), 0..8_usize, piece()), 1..4),
    ) {
        let mut text = if is_server { SERVER.to_owned() } else { BROWSER.to_owned() };
        for (place, cut, piece) in damage {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let Some(&start) = places.get(place.index(places.len().max(1))) else { continue };
            let end = text[start..].char_indices().nth(cut).map_or(text.len(), |(at, _)| start + at);
            text.replace_range(start..end, &piece);
        }
        let loaded = if is_server { load_server(&text) } else { load_browser(&text) };
        let _ = loaded.map_err(|problems| problems.to_string());
    }
}

fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "",
        "null",
        "~",
        "5",
        "-1",
        "1e99",
        "\"",
        "[",
        "]",
        "{",
        "}",
        ": ",
        ",",
        "\n",
        "\n  ",
        "- ",
        "*",
        "*r",
        "&r ",
        "!t ",
        "<<: ",
        "{a}",
        "{server}",
        "matrix: {a: [1]}",
        "\\",
        "\u{E9}",
        "\u{1F600}",
        "\r",
        "\t",
        "#",
        "? ",
        "|\n",
        ">-\n",
        "%",
        "---\n",
    ];
    prop_oneof![proptest::sample::select(PIECES).prop_map(str::to_owned), "\\PC{0,6}"]
}

const BROWSER: &str = r#"suite: demo
spec: https://fetch.spec.whatwg.org/#cors-check
cases:
  - id: one
    matrix: {method: [PUT, DELETE], status: {ok: 200, gone: 410}}
    why: "{method} and {status}"
    request: &r
      {origin: "https://app.example", method: "{method}", headers: ["X-A: b", [X-B, c]], body: {type: blob}}
    responses:
      - {for: preflight, status: "{status}", headers: ["Access-Control-Allow-Origin: *"]}
      - {close: true}
    expect: {block: network-error, any_of: [allow-origin-missing], stage: actual, sent: [OPTIONS, PUT]}
    profiles: {webkit: {outcome: allow, status: 200, type: cors, visible: ["A: b"], hidden: [C]}}
  - id: two
    why: because
    steps:
      - {at: 0, request: *r, expect: opaque}
      - {at: 1, request: *r, responses: [{body: "x"}], expect: allow}
"#;

const SERVER: &str = r#"suite: demo
spec: https://fetch.spec.whatwg.org/#cors-check
policy:
  {origins: ["https://*.a.example", "null"], methods: [], headers: ["*"], expose: [], credentials: true, max_age: 5}
cases:
  - {id: one, why: because, request: {origin: self, path: "/x?{twin}"}, expect: {outcome: allow, hits: 1}}
  - id: two
    matrix: {origin: {a: "https://a.example", b: "https://b.example"}}
    why: because
    level: should
    request: {origin: "{origin}", credentials: include, mode: same-origin, redirect: error}
    expect: block
"#;

#[test]
fn what_is_damaged_is_whole() {
    assert_eq!(load_browser(BROWSER).map(|suites| suites[0].cases.len()), Ok(5));
    let said = load_server(SERVER).unwrap_err().to_string();
    assert!(
        said.contains("no case of level `must` expects `block`") && said.contains("1 problem "),
        "{said}"
    );
}
