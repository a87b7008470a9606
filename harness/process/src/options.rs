use std::time::Duration;

/// How long a server may take, and how often it may crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// From the start of the program to its `hello`. Generous by default: some runtimes compile first.
    pub start_limit: Duration,
    /// From a message to its answer.
    pub request_limit: Duration,
    /// From the end of stdin to SIGTERM.
    pub stop_grace: Duration,
    /// How often a program that ended by itself, or fell silent, is started again.
    pub max_restarts: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            start_limit: Duration::from_secs(60),
            request_limit: Duration::from_secs(20),
            stop_grace: Duration::from_secs(2),
            max_restarts: 3,
        }
    }
}
