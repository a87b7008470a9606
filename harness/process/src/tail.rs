use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::printable::printable;

const KEPT: usize = 64 << 10;
const SHOWN_LINES: usize = 20;
const SHOWN_WIDTH: usize = 400;

/// The end of what a program wrote to stderr.
///
/// All of it is read, so that the program never blocks on it, and only the end is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail(Arc<(Mutex<Kept>, Condvar)>);

#[derive(Debug, Default)]
struct Kept {
    bytes: VecDeque<u8>,
    dropped: u64,
    at_end: bool,
}

impl Tail {
    pub(crate) fn read(&self, mut from: impl Read) {
        let (kept, ended) = &*self.0;
        let mut buffer = [0; 16 << 10];
        loop {
            let count = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(&buffer[..count]);
        }
        kept.lock().unwrap_or_else(PoisonError::into_inner).at_end = true;
        ended.notify_all();
    }

    /// Waits until all is read, but no longer than `limit`: what a program says last is what explains
    /// its end.
    pub(crate) fn settle(&self, limit: Duration) {
        let (kept, ended) = &*self.0;
        let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        drop(ended.wait_timeout_while(kept, limit, |kept| !kept.at_end));
    }

    /// The last lines, fit for a terminal.
    pub(crate) fn text(&self) -> String {
        let kept = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = kept.bytes.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<_> = text.trim_end().lines().collect();
        let hidden = lines.len().saturating_sub(SHOWN_LINES);
        let mut shown: Vec<_> = lines[hidden..].iter().map(|line| printable(line, SHOWN_WIDTH)).collect();
        match (hidden, kept.dropped) {
            (0, 0) => {}
            (_, 0) => shown.insert(0, format!("[{hidden} lines before]")),
            (_, dropped) => {
                shown.insert(0, format!("[{} bytes before]", dropped_before(dropped, &lines, hidden)))
            }
        }
        shown.join("\n")
    }
}

fn dropped_before(dropped: u64, lines: &[&str], hidden: usize) -> u64 {
    dropped + lines[..hidden].iter().map(|line| line.len() as u64 + 1).sum::<u64>()
}

impl Kept {
    fn push(&mut self, bytes: &[u8]) {
        let bytes_kept = &bytes[bytes.len().saturating_sub(KEPT)..];
        let excess = (self.bytes.len() + bytes_kept.len()).saturating_sub(KEPT);
        self.bytes.drain(..excess);
        self.bytes.extend(bytes_kept);
        self.dropped += (excess + bytes.len() - bytes_kept.len()) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_end() {
        let tail = Tail::default();
        let flood: String = (0..100_000).map(|line| format!("line {line}\n")).collect();
        tail.read(flood.as_bytes());
        assert!(tail.0.0.lock().unwrap().bytes.len() <= KEPT);
        let text = tail.text();
        assert_eq!(text.lines().count(), SHOWN_LINES + 1);
        assert!(text.starts_with("[1088670 bytes before]\nline 99980\n"), "{text}");
        assert!(text.ends_with("line 99999"), "{text}");
    }

    #[test]
    fn says_how_much_is_left_out() {
        let tail = Tail::default();
        tail.read("x\n".repeat(25).as_bytes());
        assert!(tail.text().starts_with("[5 lines before]\nx\n"));
        assert_eq!(Tail::default().text(), "");
    }
}
