use std::time::Duration;

use corspec_process::{Breach, Options, Process};
use corspec_protocol::{Answer, Server};

use crate::support::{assert_none_left, assert_snapshot, hurried, liar, mark, policy};

fn ready(answer: Answer) -> corspec_protocol::Instance {
    match answer {
        Answer::Ready(instance) => instance,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_crash_takes_its_policies_and_no_others() {
    let mark = mark("crash");
    let process = Process::start(&liar("dies-at-second-serve").args([&mark]), &hurried()).await.unwrap();
    let lost = ready(process.serve(policy("https://one.example")).await);
    let Answer::Failed { message } = process.serve(policy("https://two.example")).await else {
        panic!("not failed")
    };
    assert_snapshot!("crash", message);
    assert!(process.restarts().is_empty(), "nobody has asked for anything since");

    let live = ready(process.serve(policy("https://three.example")).await);
    let restarts = process.restarts();
    assert_eq!(restarts.len(), 1);
    assert_eq!(restarts[0].reason.to_string(), message);
    assert_eq!(restarts[0].lost, [lost.url.as_str()]);
    assert_eq!(process.lost(&lost.url).unwrap().to_string(), message);
    assert!(process.lost(&live.url).is_none());
    assert_eq!(process.faults().len(), 1);
    // Dropping what went down with an earlier life is no message to this one.
    drop(lost);
    drop(live);
    assert_eq!(process.stop().await.len(), 1);
    assert_none_left(&mark, Duration::ZERO);
}

#[tokio::test]
async fn it_is_not_restarted_for_ever() {
    let process = Process::start(&liar("dies-at-serve"), &hurried()).await.unwrap();
    for _ in 0..4 {
        let answer = process.serve(None).await;
        assert!(matches!(&answer, Answer::Failed { message } if message.contains("by itself")), "{answer:?}");
    }
    let Answer::Failed { message } = process.serve(None).await else { panic!("not failed") };
    assert_snapshot!("restarts-spent", message);
    assert_eq!(process.restarts().len(), 3);
    assert_eq!(process.faults().len(), 4);
}

#[tokio::test]
async fn all_that_wait_hear_of_a_crash() {
    let options = Options { max_restarts: 0, ..hurried() };
    let process = Process::start(&liar("hangs-at-serve"), &options).await.unwrap();
    let (one, two, three) = tokio::join!(process.serve(None), process.serve(None), process.serve(None));
    for answer in [one, two, three] {
        assert!(matches!(&answer, Answer::Failed { message } if message.contains("within 1s")), "{answer:?}");
    }
    assert_eq!(process.faults().len(), 1);
}

#[tokio::test]
async fn what_lies_is_not_asked_again() {
    let process = Process::start(&liar("answers-twice"), &hurried()).await.unwrap();
    drop(process.serve(None).await);
    while process.faults().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let Answer::Failed { message } = process.serve(None).await else { panic!("not failed") };
    assert_eq!(message, process.faults()[0].to_string());
    assert!(process.restarts().is_empty());
}

#[tokio::test]
async fn a_start_that_fails_is_a_restart_too() {
    let dir = tempfile::tempdir().unwrap();
    let once = dir.path().join("once");
    let script = r#"[ -e "$ONCE" ] && { echo 'the port is taken' >&2; exit 4; }
        touch "$ONCE"; read hello; echo '{"hello": {"protocol": 1, "name": "sh"}}'; read serve"#;
    let command = corspec_process::CommandLine::shell(script).env("ONCE", once.to_str().unwrap());
    let process = Process::start(&command, &hurried()).await.unwrap();
    let mut messages = String::new();
    for _ in 0..5 {
        let Answer::Failed { message } = process.serve(None).await else { panic!("not failed") };
        messages += &format!("{message}\n\n");
    }
    assert_snapshot!("failed-restarts", messages);
    assert_eq!(process.restarts().len(), 3);
    assert!(process.faults().iter().any(|fault| matches!(fault.breach, Breach::Restart { .. })));
}
