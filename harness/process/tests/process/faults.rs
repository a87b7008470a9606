use std::time::{Duration, Instant};

use corspec_process::{CommandLine, Options, Process, StartError};
use corspec_protocol::{Answer, Server};
use rstest::rstest;

use crate::support::{assert_none_left, assert_snapshot, hurried, liar, mark, policy, reference};

#[rstest]
#[case("hangs-at-hello")]
#[case("dies-at-start")]
#[case("dies-at-hello")]
#[case("banner")]
#[case("blank-line")]
#[case("escapes")]
#[case("version-2")]
#[case("version-2-in-other-words")]
#[case("nameless")]
#[case("not-utf8")]
#[case("huge-line")]
#[case("endless-line")]
#[case("ready-before-hello")]
#[tokio::test]
async fn does_not_start(#[case] lie: &str) {
    let mark = mark(lie);
    let begun = Instant::now();
    let command = liar(lie).args([&mark]);
    let Err(error) = Process::start(&command, &hurried()).await else { panic!("it started") };
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_none_left(&mark, Duration::ZERO);
    assert_snapshot!(format!("start-{lie}"), error.to_string().replace(&format!(" {mark}"), ""));
}

#[rstest]
#[case::no_program("no-program", CommandLine::new("corspec-no-such-program"))]
#[case::no_dir("no-dir", CommandLine::new("sh").dir("/corspec/no/such/dir"))]
#[case::not_executable("not-executable", CommandLine::new("/etc/passwd"))]
#[tokio::test]
async fn cannot_be_run(#[case] name: &str, #[case] command: CommandLine) {
    let Err(error) = Process::start(&command, &hurried()).await else { panic!("it started") };
    assert!(matches!(error, StartError::Spawn { .. }));
    assert_snapshot!(format!("spawn-{name}"), error.to_string());
}

#[rstest]
#[case("hangs-at-serve")]
#[case("dies-at-serve")]
#[case("not-listening")]
#[case("listens-elsewhere")]
#[case("has-a-path")]
#[case("unknown-seq")]
#[case("wrong-answer")]
#[tokio::test]
async fn fails_a_policy(#[case] lie: &str) {
    let mark = mark(lie);
    let process = Process::start(&liar(lie).args([&mark]), &hurried()).await.unwrap();
    let answer = process.serve(policy("https://app.example")).await;
    let Answer::Failed { message } = answer else { panic!("{answer:?}") };
    assert_snapshot!(format!("serve-{lie}"), message);
    assert_eq!(process.faults().len(), 1);
    assert_eq!(process.faults()[0].to_string(), message);
    process.stop().await;
    assert_none_left(&mark, Duration::ZERO);
}

#[rstest]
#[case("answers-twice")]
#[case("logs-later")]
#[case("floods-stdout")]
#[case("dies-later")]
#[tokio::test]
async fn is_found_out_after_an_answer(#[case] lie: &str) {
    let process = Process::start(&liar(lie), &hurried()).await.unwrap();
    let answer = process.serve(policy("https://app.example")).await;
    let deadline = Instant::now() + Duration::from_secs(5);
    while process.faults().is_empty() {
        assert!(Instant::now() < deadline, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let faults = process.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_snapshot!(format!("later-{lie}"), faults[0].to_string());
    if let Answer::Ready(instance) = &answer {
        assert_eq!(process.lost(&instance.url).unwrap().to_string(), faults[0].to_string());
    }
}

#[tokio::test]
async fn what_it_says_is_passed_on() {
    let process = Process::start(&liar("says-no"), &hurried()).await.unwrap();
    let mut answers = String::new();
    for _ in 0..3 {
        answers += &format!("{:#?}\n", process.serve(None).await);
        // Stderr and stdout are two pipes.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(answers.contains("\"insecure\"") && answers.contains("\"cannot\""), "{answers}");
    assert!(answers.contains(r"broke\n  on stderr:\n    \\u{1b}[31mwarning"), "{answers}");
    assert!(process.stop().await.is_empty());
}

#[tokio::test]
async fn a_flood_on_stderr_is_read_and_forgotten() {
    let options = Options { start_limit: Duration::from_secs(60), ..hurried() };
    let process = Process::start(&liar("floods-stderr"), &options).await.unwrap();
    assert!(matches!(process.serve(None).await, Answer::Ready(_)));
    let deadline = Instant::now() + Duration::from_secs(5);
    while !process.stderr().starts_with("[104") {
        assert!(Instant::now() < deadline, "{}", process.stderr());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(process.stderr().lines().count(), 21);
}

#[tokio::test]
async fn two_policies_share_no_url() {
    let process = Process::start(&liar("shares-a-url"), &hurried()).await.unwrap();
    let Answer::Ready(first) = process.serve(None).await else { panic!("not ready") };
    let Answer::Failed { message } = process.serve(None).await else { panic!("not failed") };
    assert_snapshot!("serve-shares-a-url", message);
    drop(first);
}

#[tokio::test]
async fn a_policy_that_cannot_be_dropped_is_a_fault() {
    let process = Process::start(&liar("cannot-drop"), &hurried()).await.unwrap();
    assert!(matches!(process.serve(None).await, Answer::Ready(_)));
    // The instance is dropped right there; the answer to the next question comes after that to the drop.
    let second = process.serve(None).await;
    let faults = process.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_snapshot!("cannot-drop", faults[0].to_string());
    drop(second);
}

#[tokio::test]
async fn a_closed_stdout_is_no_end() {
    let script = r#"read hello; echo '{"hello": {"protocol": 1, "name": "sh"}}'; exec >&-; sleep 60"#;
    let process = Process::start(&CommandLine::shell(script), &hurried()).await.unwrap();
    let Answer::Failed { message } = process.serve(None).await else { panic!("not failed") };
    assert_snapshot!("closed-stdout", message);
}

#[tokio::test]
async fn a_bad_exit_is_a_fault() {
    let process = Process::start(&liar("exits-badly"), &hurried()).await.unwrap();
    let faults = process.stop().await;
    assert_eq!(faults.len(), 1);
    assert_snapshot!("exits-badly", faults[0].to_string());
}

#[tokio::test]
async fn last_words_find_somebody_who_hears_them() {
    let script = r#"read hello; echo '{"hello": {"protocol": 1, "name": "sh"}}'
        while read line; do :; done; echo first || exit 1; sleep 0.2; echo second || exit 1"#;
    let process = Process::start(&CommandLine::shell(script), &hurried()).await.unwrap();
    let faults = process.stop().await;
    assert!(faults.is_empty(), "{}", faults[0]);
}

#[tokio::test]
async fn answers_come_in_any_order() {
    let process = Process::start(&liar("backwards"), &hurried()).await.unwrap();
    let (first, second) = tokio::join!(process.serve(None), process.serve(None));
    let (Answer::Ready(first), Answer::Ready(second)) = (first, second) else { panic!("not ready") };
    assert_ne!(first.url, second.url);
    drop((first, second));
    assert!(process.stop().await.is_empty());
}

#[tokio::test]
async fn nobody_has_to_wait_for_an_answer() {
    let process = Process::start(&liar("slow"), &hurried()).await.unwrap();
    let serve = process.serve(None);
    tokio::time::timeout(Duration::from_millis(100), serve).await.unwrap_err();
    // The answer that nobody took comes first, and is dropped.
    assert!(matches!(process.serve(None).await, Answer::Ready(_)));
    assert!(process.stop().await.is_empty());
}

#[tokio::test]
async fn the_reference_keeps_the_protocol() {
    let process = Process::start(&reference(), &Options::default()).await.unwrap();
    assert_eq!(process.hello().name, "reference");
    let Answer::Ready(one) = process.serve(policy("https://one.example")).await else { panic!("not ready") };
    let Answer::Ready(two) = process.serve(policy("https://two.example")).await else { panic!("not ready") };
    let address = one.url.strip_prefix("http://").unwrap().to_owned();
    drop(one);
    let deadline = Instant::now() + Duration::from_secs(5);
    while std::net::TcpStream::connect(&address).is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    std::net::TcpStream::connect(two.url.strip_prefix("http://").unwrap()).unwrap();
    assert!(matches!(process.serve(None).await, Answer::Unsupported { .. }));
    assert!(process.lost(&two.url).is_none());
    assert!(process.stop().await.is_empty());
    assert!(std::net::TcpStream::connect(two.url.strip_prefix("http://").unwrap()).is_err());
}
