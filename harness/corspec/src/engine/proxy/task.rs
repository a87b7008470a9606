//! One case on the network: which requests are its own, and what they are answered.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use corspec_browser::{Forward, Header, HeaderList, HttpRequest, HttpResponse, SharedCache};
use url::Url;

use super::message::Seen;
use crate::case::{Initiator, Scripted};
use crate::wire::{Client, Destination};

/// A case while a browser performs it. Several browsers share it where several visitors do.
#[derive(Debug)]
pub(in crate::engine) struct Task {
    /// The hosts that it is about. A browser talks to its maker and others at any time, and none of that is the case's.
    hosts: BTreeSet<String>,
    answers: Answers,
    between: Option<Mutex<SharedCache>>,
    state: Mutex<State>,
}

/// Where answers come from.
#[derive(Debug)]
pub(in crate::engine) enum Answers {
    /// From the case.
    Script,
    /// From the server under test, and from its twin.
    Servers {
        /// Asks them.
        client: Client,
        /// Under which origin pages know each, and where it listens.
        known: Vec<(Url, Url)>,
    },
}

/// What a step asks of the network.
#[derive(Clone, Debug)]
pub(in crate::engine) struct StepScript {
    /// Seconds since the case began.
    pub(in crate::engine) at: u64,
    /// What is answered, in order.
    pub(in crate::engine) responses: Vec<Scripted>,
    /// What in the page asks.
    pub(in crate::engine) initiator: Initiator,
}

/// What went over the network in one step.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Transcript {
    /// The requests in the order in which they came, with what they were answered.
    pub(in crate::engine) carried: Vec<Carried>,
    /// The requests that no entry answers, as `METHOD URL`.
    pub(in crate::engine) unanswered: Vec<String>,
    /// How many entries answered nothing.
    pub(in crate::engine) unused: usize,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Carried {
    pub(in crate::engine) seen: Seen,
    pub(in crate::engine) response: Option<HttpResponse>,
    pub(in crate::engine) from_shared_cache: bool,
    pub(in crate::engine) failure: Option<String>,
}

/// What is done with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// These bytes of the case answer it.
    Scripted(Scripted, Initiator),
    /// A server or a cache answers it; for what in the page asks, where the case's script is behind the cache.
    Response(HttpResponse, Option<Initiator>),
    /// The connection is closed.
    Close,
    /// Nothing in the script answers it.
    Unanswered,
}

#[derive(Debug)]
struct State {
    step: usize,
    scripts: Vec<Script>,
}

#[derive(Debug)]
struct Script {
    at: Duration,
    initiator: Initiator,
    left: VecDeque<Scripted>,
    /// Whether the last answer was a closed connection, which browsers try again on a new one.
    may_repeat: bool,
    transcript: Transcript,
}

impl Task {
    pub(in crate::engine) fn new(
        hosts: BTreeSet<String>,
        answers: Answers,
        between: Option<SharedCache>,
        steps: Vec<StepScript>,
    ) -> Self {
        let script = |step: StepScript| Script {
            at: Duration::from_secs(step.at),
            initiator: step.initiator,
            left: step.responses.into(),
            may_repeat: false,
            transcript: Transcript::default(),
        };
        let state = State { step: 0, scripts: steps.into_iter().map(script).collect() };
        Self { hosts, answers, between: between.map(Mutex::new), state: Mutex::new(state) }
    }

    /// From now on requests belong to that step.
    pub(in crate::engine) fn turn_to(&self, step: usize) {
        self.state().step = step;
    }

    /// Whether requests to the host are the case's.
    pub(super) fn is_about(&self, host: &str) -> bool {
        self.hosts.contains(host)
    }

    /// How many requests the step at hand has seen, and whether an entry waits for another.
    pub(in crate::engine) fn progress(&self) -> (usize, bool) {
        let mut state = self.state();
        let Some(script) = state.script() else { return (0, false) };
        (script.transcript.carried.len(), !script.left.is_empty())
    }

    /// What went over the network in each step.
    pub(in crate::engine) fn transcripts(&self) -> Vec<Transcript> {
        let state = self.state();
        let told = |script: &Script| Transcript { unused: script.left.len(), ..script.transcript.clone() };
        state.scripts.iter().map(told).collect()
    }

    pub(super) async fn answer(&self, seen: Seen) -> Reply {
        let at = self.state().script().map_or(Duration::ZERO, |script| script.at);
        let Some(between) = &self.between else { return self.answer_from_behind(seen).await };
        let asked = http_request(&seen);
        let forward = asked.as_ref().map(|asked| lock(between).forward(asked, at));
        match forward {
            Some(Forward::Answer(response)) => {
                self.note(seen, Some(response.clone()), true, None);
                Reply::Response(response, self.initiator())
            }
            Some(Forward::Send(forwarded)) => {
                let sent = Seen { headers: forwarded.headers.clone(), ..seen.clone() };
                let reply = self.answer_from_behind(sent).await;
                let response = match &reply {
                    Reply::Scripted(answer, _) => parsed(answer),
                    Reply::Response(response, _) => response.clone(),
                    Reply::Close | Reply::Unanswered => return reply,
                };
                let received = lock(between).receive(&forwarded, response, at);
                self.amend(seen, &received);
                Reply::Response(received, self.initiator())
            }
            None => self.answer_from_behind(seen).await,
        }
    }

    async fn answer_from_behind(&self, seen: Seen) -> Reply {
        match &self.answers {
            Answers::Script => self.answer_from_script(seen),
            Answers::Servers { client, known } => {
                let answer = ask(client, known, &seen).await;
                match answer {
                    Ok(response) => {
                        self.note(seen, Some(response.clone()), false, None);
                        Reply::Response(response, None)
                    }
                    Err(failure) => {
                        self.note(seen, None, false, Some(failure));
                        Reply::Close
                    }
                }
            }
        }
    }

    fn answer_from_script(&self, seen: Seen) -> Reply {
        let purpose = seen.purpose();
        let mut state = self.state();
        let Some(script) = state.script() else { return Reply::Unanswered };
        let repeats = script.transcript.carried.last().is_some_and(|last| last.seen.is_repeated_by(&seen));
        if script.may_repeat && repeats {
            return Reply::Close;
        }
        // An engine that leaves out a request gets the answer to the one that it makes, and the entry left over tells.
        let next = script.left.iter().position(|answer| answer.purpose == purpose);
        let answer = next.and_then(|next| script.left.remove(next));
        let response = answer.as_ref().filter(|answer| !answer.close).map(parsed);
        let failure =
            answer.as_ref().filter(|answer| answer.close).map(|_| "the connection was closed".to_owned());
        let Some(answer) = answer else {
            script.transcript.unanswered.push(format!("{} {}", seen.method, seen.url));
            script.transcript.carried.push(Carried { seen, response, from_shared_cache: false, failure });
            return Reply::Unanswered;
        };
        script.may_repeat = answer.close;
        script.transcript.carried.push(Carried { seen, response, from_shared_cache: false, failure });
        if answer.close { Reply::Close } else { Reply::Scripted(answer, script.initiator) }
    }

    /// What in the page asks, where the case answers.
    fn initiator(&self) -> Option<Initiator> {
        let scripted = matches!(self.answers, Answers::Script);
        self.state().script().filter(|_| scripted).map(|script| script.initiator)
    }

    /// The transcript tells of what the browser sent and received, not of what the cache made of it behind.
    fn amend(&self, seen: Seen, received: &HttpResponse) {
        if let Some(carried) = self.state().script().and_then(|script| script.transcript.carried.last_mut()) {
            carried.seen = seen;
            carried.response = Some(received.clone());
        }
    }

    fn note(
        &self,
        seen: Seen,
        response: Option<HttpResponse>,
        from_shared_cache: bool,
        failure: Option<String>,
    ) {
        if let Some(script) = self.state().script() {
            script.transcript.carried.push(Carried { seen, response, from_shared_cache, failure });
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn script(&mut self) -> Option<&mut Script> {
        self.scripts.get_mut(self.step)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Only the servers under test are ever talked to.
async fn ask(client: &Client, known: &[(Url, Url)], seen: &Seen) -> Result<HttpResponse, String> {
    let request = http_request(seen).ok_or_else(|| format!("{} is no URL", seen.url))?;
    let same = |url: &Url| {
        url.host() == request.url.host() && url.port_or_known_default() == request.url.port_or_known_default()
    };
    let (_, listens) = known
        .iter()
        .find(|(public, _)| same(public))
        .ok_or_else(|| format!("{} is not the server under test, and nothing else is talked to", seen.url))?;
    let to = Destination::of(listens).ok_or_else(|| format!("{listens} names no host"))?;
    let received = client.exchange(&to, &request).await.map_err(|error| error.to_string())?;
    Ok(received.response)
}

/// The request as others than browsers know it: what the proxy's presence did to its lines is undone.
fn http_request(seen: &Seen) -> Option<HttpRequest> {
    let mut headers = HeaderList::new();
    for header in &seen.headers {
        if header.is("Proxy-Connection") {
            headers.append(&b"Connection"[..], header.value.clone());
        } else if !header.is("Transfer-Encoding") {
            headers.append(header.name.clone(), header.value.clone());
        }
    }
    Some(HttpRequest {
        purpose: seen.purpose(),
        method: seen.method.clone().into_bytes().into(),
        url: Url::parse(&seen.url).ok()?,
        headers,
        body: (!seen.body.is_empty()).then(|| seen.body.clone().into()),
    })
}

/// A case's answer as a response; a line without a colon is a name without a value.
fn parsed(answer: &Scripted) -> HttpResponse {
    let header = |line: &Vec<u8>| {
        let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default().trim_ascii();
        Header::new(line[..colon].to_vec(), value.to_vec())
    };
    HttpResponse {
        status: answer.status,
        headers: answer.header_lines.iter().map(header).collect(),
        body: answer.body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use corspec_browser::Purpose;

    use super::*;

    fn seen(method: &str) -> Seen {
        Seen {
            method: method.to_owned(),
            url: "https://api.example/".to_owned(),
            headers: HeaderList::new(),
            body: Vec::new(),
        }
    }

    fn entry(close: bool) -> Scripted {
        Scripted { purpose: Purpose::Actual, status: 200, header_lines: Vec::new(), body: Vec::new(), close }
    }

    fn task(responses: &[Scripted]) -> Task {
        let step = StepScript { at: 0, responses: responses.to_vec(), initiator: Initiator::Fetch };
        Task::new(BTreeSet::from(["api.example".to_owned()]), Answers::Script, None, vec![step])
    }

    #[tokio::test]
    async fn an_entry_answers_once() {
        let task = task(&[entry(false)]);
        assert!(task.is_about("api.example") && !task.is_about("updates.example"));
        assert_eq!(task.answer(seen("GET")).await, Reply::Scripted(entry(false), Initiator::Fetch));
        assert_eq!(task.answer(seen("GET")).await, Reply::Unanswered);
        let transcript = &task.transcripts()[0];
        assert_eq!((transcript.carried.len(), transcript.unused), (2, 0));
        assert_eq!(transcript.unanswered, ["GET https://api.example/"]);
    }

    #[tokio::test]
    async fn a_second_attempt_after_a_closed_connection_is_the_same_request() {
        let task = task(&[entry(true), entry(false)]);
        assert_eq!(task.answer(seen("GET")).await, Reply::Close);
        assert_eq!(task.answer(seen("GET")).await, Reply::Close);
        let transcript = &task.transcripts()[0];
        assert_eq!((transcript.carried.len(), transcript.unused), (1, 1));
    }

    #[tokio::test]
    async fn a_shared_cache_keeps_what_it_may() {
        let answer =
            Scripted { header_lines: vec![b"Cache-Control: public, max-age=60".to_vec()], ..entry(false) };
        let step = |at, responses| StepScript { at, responses, initiator: Initiator::Fetch };
        let steps = vec![step(0, vec![answer]), step(1, Vec::new())];
        let hosts = BTreeSet::from(["api.example".to_owned()]);
        let task = Task::new(hosts, Answers::Script, Some(SharedCache::new()), steps);
        task.answer(seen("GET")).await;
        task.turn_to(1);
        assert!(matches!(task.answer(seen("GET")).await, Reply::Response(_, Some(Initiator::Fetch))));
        assert!(task.transcripts()[1].carried[0].from_shared_cache);
    }
}
