use std::io::Write;
use std::process::ChildStdin;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A program's stdin.
///
/// A thread writes, because a program that does not read would otherwise block the harness.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input(Arc<Mutex<Option<Sender<Vec<u8>>>>>);

impl Input {
    pub(crate) fn new(mut stdin: ChildStdin) -> std::io::Result<Self> {
        let (sender, lines) = mpsc::channel::<Vec<u8>>();
        thread::Builder::new().name("corspec-stdin".into()).spawn(move || {
            // A failed write needs no report: the program no longer reads, and its end is reported.
            while let Ok(line) = lines.recv() {
                if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self(Arc::new(Mutex::new(Some(sender)))))
    }

    pub(crate) fn send(&self, line: &str) {
        if let Some(sender) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            drop(sender.send(format!("{line}\n").into_bytes()));
        }
    }

    /// Ends it after what was sent before.
    pub(crate) fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
