//! Which request gets which answer.

use std::collections::{BTreeSet, VecDeque};

use corspec::case::Scripted;

use super::message::Seen;

/// What the network does while one step of a case is performed.
#[derive(Debug, Default)]
pub(super) struct Script {
    left: VecDeque<Scripted>,
    /// The hosts that the step is about. A browser talks to its maker and others at any time, and none of
    /// that is the case's.
    hosts: BTreeSet<String>,
    seen: Vec<Seen>,
    unanswered: Vec<String>,
    /// Whether the last answer was a closed connection, which browsers try again on a new one.
    may_repeat: bool,
}

/// What became of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The requests in the order in which they came.
    pub requests: Vec<Seen>,
    /// The requests that no entry answers, as `METHOD URL`.
    pub unanswered: Vec<String>,
    /// How many entries answered nothing.
    pub unused: usize,
}

/// What is done with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// An entry of the script answers it.
    Scripted(Scripted),
    /// No entry does.
    Unanswered,
    /// It is not the case's.
    Stray,
}

impl Script {
    pub(super) fn new(responses: &[Scripted], hosts: BTreeSet<String>) -> Self {
        Self { left: responses.iter().cloned().collect(), hosts, ..Self::default() }
    }

    pub(super) fn answer(&mut self, host: &str, seen: Seen) -> Reply {
        if !self.hosts.contains(host) {
            return Reply::Stray;
        }
        let purpose = seen.purpose();
        if self.may_repeat && self.seen.last() == Some(&seen) {
            return Reply::Scripted(Scripted {
                purpose,
                status: 0,
                header_lines: Vec::new(),
                body: Vec::new(),
                close: true,
            });
        }
        // An engine that leaves out a request gets the answer to the one that it makes, and the entry left over tells.
        let next = self.left.iter().position(|answer| answer.purpose == purpose);
        let reply = match next.and_then(|next| self.left.remove(next)) {
            Some(answer) => {
                self.may_repeat = answer.close;
                Reply::Scripted(answer)
            }
            None => {
                self.unanswered.push(format!("{} {}", seen.method, seen.url));
                Reply::Unanswered
            }
        };
        self.seen.push(seen);
        reply
    }

    pub(super) fn finish(self) -> Transcript {
        Transcript { requests: self.seen, unanswered: self.unanswered, unused: self.left.len() }
    }
}

#[cfg(test)]
mod tests {
    use corspec_browser::{HeaderList, Purpose};

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

    fn script(responses: &[Scripted]) -> Script {
        Script::new(responses, BTreeSet::from(["api.example".to_owned()]))
    }

    #[test]
    fn what_others_ask_for_uses_up_nothing() {
        let mut script = script(&[entry(false)]);
        assert_eq!(script.answer("updates.example", seen("GET")), Reply::Stray);
        assert_eq!(script.answer("api.example", seen("GET")), Reply::Scripted(entry(false)));
        assert_eq!(script.answer("api.example", seen("GET")), Reply::Unanswered);
        let transcript = script.finish();
        assert_eq!((transcript.requests.len(), transcript.unused), (2, 0));
        assert_eq!(transcript.unanswered, ["GET https://api.example/"]);
    }

    #[test]
    fn a_second_attempt_after_a_closed_connection_is_the_same_request() {
        let mut script = script(&[entry(true), entry(false)]);
        assert_eq!(script.answer("api.example", seen("GET")), Reply::Scripted(entry(true)));
        assert!(matches!(
            script.answer("api.example", seen("GET")),
            Reply::Scripted(Scripted { close: true, .. })
        ));
        let transcript = script.finish();
        assert_eq!((transcript.requests.len(), transcript.unused), (1, 1));
    }
}
