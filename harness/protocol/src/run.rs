use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::task::JoinSet;

use crate::message::{FromServer, ToServer};
use crate::policy::Policy;
use crate::server::{Answer, Instance, Server};

/// Speaks the server protocol over stdin and stdout, until stdin ends.
///
/// A line that cannot be read is answered with `failed` where it says which `seq` it is about, and
/// reported on stderr where it does not.
pub async fn run(server: impl Server) {
    if let Err(error) = drive(server, BufReader::new(tokio::io::stdin()), tokio::io::stdout()).await {
        eprintln!("the harness no longer listens: {error}");
    }
}

/// A policy that the harness has asked for.
enum Slot {
    SettingUp { drop_when_ready: bool },
    Live(Instance),
    Stopping,
}

async fn drive(
    server: impl Server,
    mut input: impl AsyncBufRead + Unpin,
    mut output: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let server = Arc::new(server);
    let mut slots = HashMap::new();
    let mut setups = JoinSet::new();
    let mut stops = JoinSet::new();
    let mut line = Vec::new();
    loop {
        let reply = tokio::select! {
            // A cancelled read leaves what it has read in `line`, and the next one goes on from there.
            read = input.read_until(b'\n', &mut line) => {
                let at_end = read? == 0;
                let reply = handle(&line, &server, &mut slots, &mut setups, &mut stops);
                line.clear();
                if at_end {
                    return Ok(());
                }
                reply
            }
            Some(Ok((seq, answer))) = setups.join_next() => Some(settle(seq, answer, &mut slots, &mut stops)),
            Some(Ok(seq)) = stops.join_next() => {
                slots.remove(&seq);
                Some(FromServer::Dropped { seq })
            }
        };
        if let Some(reply) = reply {
            let mut bytes = serde_json::to_vec(&reply)?;
            bytes.push(b'\n');
            output.write_all(&bytes).await?;
            output.flush().await?;
        }
    }
}

fn handle(
    line: &[u8],
    server: &Arc<impl Server>,
    slots: &mut HashMap<u64, Slot>,
    setups: &mut JoinSet<(u64, Answer)>,
    stops: &mut JoinSet<u64>,
) -> Option<FromServer> {
    if line.trim_ascii().is_empty() {
        return None;
    }
    let message = match serde_json::from_slice(line) {
        Ok(message) => message,
        Err(error) => return unreadable(line, &error),
    };
    match message {
        ToServer::Hello { .. } => Some(FromServer::Hello(server.hello())),
        ToServer::Serve { seq, .. } if slots.contains_key(&seq) => {
            Some(FromServer::Failed { seq, message: "this seq is in use".into() })
        }
        ToServer::Serve { seq, policy } => {
            slots.insert(seq, Slot::SettingUp { drop_when_ready: false });
            let server = Arc::clone(server);
            // A task of its own, so that a panic ends as the answer to its own `seq`.
            let setup = tokio::spawn(async move { server.serve(policy).await });
            setups.spawn(async move { (seq, setup.await.unwrap_or_else(Answer::failed)) });
            None
        }
        ToServer::Drop { seq } => match slots.get_mut(&seq) {
            None => Some(FromServer::Failed { seq, message: "nothing is served under this seq".into() }),
            Some(Slot::SettingUp { drop_when_ready }) => {
                *drop_when_ready = true;
                None
            }
            Some(slot @ Slot::Live(_)) => {
                if let Slot::Live(instance) = std::mem::replace(slot, Slot::Stopping) {
                    stops.spawn(stop(seq, Some(instance)));
                }
                None
            }
            Some(Slot::Stopping) => {
                Some(FromServer::Failed { seq, message: "this seq is being dropped already".into() })
            }
        },
    }
}

async fn stop(seq: u64, instance: Option<Instance>) -> u64 {
    if let Some(instance) = instance {
        instance.stop().await;
    }
    seq
}

/// Answers the `serve`; where a `drop` came before that answer, it is obeyed now.
fn settle(seq: u64, answer: Answer, slots: &mut HashMap<u64, Slot>, stops: &mut JoinSet<u64>) -> FromServer {
    let dropped = matches!(slots.remove(&seq), Some(Slot::SettingUp { drop_when_ready: true }));
    if dropped {
        slots.insert(seq, Slot::Stopping);
    }
    let mut instance = None;
    let reply = match answer {
        Answer::Ready(ready) => {
            let url = ready.url.clone();
            instance = Some(ready);
            FromServer::Ready { seq, url }
        }
        Answer::Unsupported { reason, issue } => FromServer::Unsupported { seq, reason, issue },
        Answer::Refused { reason } => FromServer::Refused { seq, reason },
        Answer::Failed { message } => FromServer::Failed { seq, message },
    };
    match instance {
        Some(instance) if !dropped => {
            slots.insert(seq, Slot::Live(instance));
        }
        instance if dropped => {
            stops.spawn(stop(seq, instance));
        }
        _ => {}
    }
    reply
}

/// What to say to a line that is no message: a field of the policy that this version does not know is
/// `unsupported`, anything else is a mistake of the harness.
fn unreadable(line: &[u8], error: &serde_json::Error) -> Option<FromServer> {
    let value: Value = serde_json::from_slice(line).unwrap_or_default();
    let body = value.as_object().and_then(|message| message.values().next());
    let Some(seq) = body.and_then(|body| body.get("seq")?.as_u64()) else {
        eprintln!(
            "not a message of the server protocol: {error}: {}",
            String::from_utf8_lossy(line).trim_end()
        );
        return None;
    };
    let policy = value.pointer("/serve/policy").and_then(Value::as_object);
    let mut fields = policy.into_iter().flat_map(|policy| policy.keys());
    Some(match fields.find(|field| !Policy::FIELDS.contains(&field.as_str())) {
        Some(field) => FromServer::Unsupported {
            seq,
            reason: format!("the policy has a field that this server does not know: {field}"),
            issue: None,
        },
        None => FromServer::Failed { seq, message: error.to_string() },
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use rstest::rstest;
    use serde_json::json;
    use tokio::io::{AsyncReadExt, DuplexStream, Lines, duplex, split};

    use super::*;
    use crate::{BoxFuture, Hello};

    /// Reads in `max_age` what to do.
    #[derive(Default)]
    struct Fake {
        live: Arc<AtomicUsize>,
    }

    const PANICS: u64 = 1;
    const SLOW: u64 = 2;
    const REFUSED: u64 = 3;
    const LINGERS: u64 = 4;

    struct Counted(Arc<AtomicUsize>);

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    impl Server for Fake {
        fn hello(&self) -> Hello {
            Hello::new("fake")
        }

        fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
            let live = Arc::clone(&self.live);
            Box::pin(async move {
                match policy.as_ref().and_then(|policy| policy.max_age) {
                    Some(PANICS) => panic!("as asked"),
                    Some(SLOW) => tokio::time::sleep(Duration::from_millis(50)).await,
                    Some(REFUSED) => return Answer::refused("as asked"),
                    _ => {}
                }
                live.fetch_add(1, Ordering::SeqCst);
                let instance = Instance::new("http://127.0.0.1:1", Counted(Arc::clone(&live)));
                if policy.and_then(|policy| policy.max_age) != Some(LINGERS) {
                    return Answer::Ready(instance);
                }
                live.fetch_add(1, Ordering::SeqCst);
                Answer::Ready(instance.until(async move {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    live.fetch_sub(1, Ordering::SeqCst);
                }))
            })
        }
    }

    fn serve(seq: u64, max_age: u64) -> String {
        json!({"serve": {"seq": seq, "policy": {
            "origins": [], "methods": [], "headers": [], "expose": [], "credentials": false, "max_age": max_age,
        }}})
        .to_string()
    }

    struct Harness {
        input: tokio::io::WriteHalf<DuplexStream>,
        output: Lines<BufReader<tokio::io::ReadHalf<DuplexStream>>>,
        program: tokio::task::JoinHandle<io::Result<()>>,
        live: Arc<AtomicUsize>,
    }

    impl Harness {
        fn start() -> Self {
            let (ours, theirs) = duplex(1 << 16);
            let (theirs_in, theirs_out) = split(theirs);
            let (ours_in, ours_out) = split(ours);
            let fake = Fake::default();
            let live = Arc::clone(&fake.live);
            let program = tokio::spawn(drive(fake, BufReader::new(theirs_in), theirs_out));
            Self { input: ours_out, output: BufReader::new(ours_in).lines(), program, live }
        }

        async fn send(&mut self, line: &str) {
            self.input.write_all(line.as_bytes()).await.unwrap();
            self.input.write_all(b"\n").await.unwrap();
        }

        async fn receive(&mut self) -> Value {
            serde_json::from_str(&self.output.next_line().await.unwrap().unwrap()).unwrap()
        }
    }

    #[tokio::test]
    async fn serves_and_drops() {
        let mut harness = Harness::start();
        harness.send(r#"{"hello": {"protocol": 1}}"#).await;
        assert_eq!(harness.receive().await, json!({"hello": {"protocol": 1, "name": "fake"}}));
        harness.send(r#"{"serve": {"seq": 7, "policy": null}}"#).await;
        assert_eq!(harness.receive().await, json!({"ready": {"seq": 7, "url": "http://127.0.0.1:1"}}));
        assert_eq!(harness.live.load(Ordering::SeqCst), 1);
        harness.send(r#"{"drop": {"seq": 7}}"#).await;
        assert_eq!(harness.receive().await, json!({"dropped": {"seq": 7}}));
        assert_eq!(harness.live.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn dropped_is_said_when_nothing_listens_any_more() {
        let mut harness = Harness::start();
        harness.send(&serve(1, LINGERS)).await;
        harness.receive().await;
        harness.send(r#"{"drop": {"seq": 1}}"#).await;
        harness.send(r#"{"drop": {"seq": 1}}"#).await;
        assert_eq!(harness.receive().await["failed"]["seq"], 1);
        assert_eq!(harness.live.load(Ordering::SeqCst), 1);
        assert_eq!(harness.receive().await, json!({"dropped": {"seq": 1}}));
        assert_eq!(harness.live.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_slow_policy_holds_up_no_other() {
        let mut harness = Harness::start();
        harness.send(&serve(1, SLOW)).await;
        harness.send(&serve(2, 0)).await;
        assert_eq!(harness.receive().await["ready"]["seq"], 2);
        assert_eq!(harness.receive().await["ready"]["seq"], 1);
    }

    #[tokio::test]
    async fn a_drop_may_overtake_the_answer() {
        let mut harness = Harness::start();
        harness.send(&serve(1, SLOW)).await;
        harness.send(r#"{"drop": {"seq": 1}}"#).await;
        assert_eq!(harness.receive().await["ready"]["seq"], 1);
        assert_eq!(harness.receive().await, json!({"dropped": {"seq": 1}}));
        assert_eq!(harness.live.load(Ordering::SeqCst), 0);
    }

    #[rstest]
    #[case::panics(serve(1, PANICS), "failed")]
    #[case::refused(serve(1, REFUSED), "refused")]
    #[case::unknown_field(r#"{"serve": {"seq": 1, "policy": {"private_network": true}}}"#.into(), "unsupported")]
    #[case::missing_field(r#"{"serve": {"seq": 1, "policy": {"origins": []}}}"#.into(), "failed")]
    #[case::no_policy(r#"{"serve": {"seq": 1}}"#.into(), "failed")]
    #[case::unknown_message(r#"{"reload": {"seq": 1}}"#.into(), "failed")]
    #[case::nothing_to_drop(r#"{"drop": {"seq": 1}}"#.into(), "failed")]
    #[tokio::test]
    async fn answers_what_it_cannot_serve(#[case] line: String, #[case] answer: &str) {
        let mut harness = Harness::start();
        harness.send(&line).await;
        let reply = harness.receive().await;
        assert_eq!(reply[answer]["seq"], 1, "{reply}");
        // The seq is free again, and the program goes on.
        harness.send(&serve(1, 0)).await;
        assert_eq!(harness.receive().await["ready"]["seq"], 1);
    }

    #[tokio::test]
    async fn names_the_field_it_does_not_know() {
        let mut harness = Harness::start();
        let line = serve(1, 0).replace("\"max_age\"", "\"private_network\":true,\"max_age\"");
        harness.send(&line).await;
        let reply = harness.receive().await;
        assert!(reply["unsupported"]["reason"].as_str().unwrap().ends_with("private_network"), "{reply}");
    }

    #[tokio::test]
    async fn a_seq_is_used_once_at_a_time() {
        let mut harness = Harness::start();
        harness.send(&serve(1, 0)).await;
        assert_eq!(harness.receive().await["ready"]["seq"], 1);
        harness.send(&serve(1, 0)).await;
        assert_eq!(harness.receive().await["failed"]["seq"], 1);
    }

    #[rstest]
    #[case::no_json(b"serve\n")]
    #[case::no_object(b"[]\n")]
    #[case::no_seq(b"{\"serve\": {}}\n")]
    #[case::no_utf8(b"\xff\xfe\n")]
    #[case::blank(b"  \r\n")]
    #[tokio::test]
    async fn a_line_about_nothing_is_passed_over(#[case] line: &[u8]) {
        let mut harness = Harness::start();
        harness.input.write_all(line).await.unwrap();
        harness.send(&serve(1, 0)).await;
        assert_eq!(harness.receive().await["ready"]["seq"], 1);
    }

    #[tokio::test]
    async fn ends_with_its_input() {
        let mut harness = Harness::start();
        harness.send(&serve(1, 0)).await;
        harness.receive().await;
        // The last line may lack its newline.
        harness.input.write_all(br#"{"hello": {"protocol": 1}}"#).await.unwrap();
        harness.input.shutdown().await.unwrap();
        harness.program.await.unwrap().unwrap();
        assert_eq!(harness.live.load(Ordering::SeqCst), 0);
        let mut rest = String::new();
        harness.output.into_inner().read_to_string(&mut rest).await.unwrap();
        assert!(rest.contains("fake"), "{rest}");
    }
}
