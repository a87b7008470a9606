//! Connections, and those among them that wait for a next exchange.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::net::TcpStream;

use super::client::Destination;
use super::read::Reader;

/// Idle connections of every destination, the last one used on top.
///
/// One stack for all: a search from the top finds a destination's warmest connection, and what falls out at
/// the bottom is what has been idle longest, so connections to a server that is gone don't stay.
#[derive(Debug)]
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    most: usize,
}

impl Pool {
    pub(super) fn new(most: usize) -> Self {
        Self { idle: Mutex::new(Vec::with_capacity(most.min(128))), most }
    }

    /// The warmest connection to that destination that is still fit for use.
    pub(super) fn take(&self, to: &Destination) -> Option<Connection> {
        loop {
            let connection = {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                let at = idle.iter().rposition(|connection| connection.to == *to)?;
                idle.remove(at)
            };
            if connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    pub(super) fn put(&self, connection: Connection) {
        if self.most == 0 {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = (idle.len() >= self.most).then(|| idle.remove(0));
        idle.push(connection);
        drop(idle);
        // Closing a socket is a system call: not under the lock.
        drop(oldest);
    }

    pub(super) fn len(&self) -> usize {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// A connection with its buffers, which outlive the single exchange.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) to: Destination,
    pub(super) stream: TcpStream,
    pub(super) reader: Reader,
    /// The request, encoded.
    pub(super) outgoing: Vec<u8>,
}

impl Connection {
    pub(super) fn new(to: Destination, stream: TcpStream) -> Self {
        Self { to, stream, reader: Reader::default(), outgoing: Vec::with_capacity(1024) }
    }

    /// Whether nothing came while nobody was listening. Surplus bytes of the last answer, or an answer to
    /// nothing, would be taken for the next one; an end of the stream has the connection dropped early.
    fn is_quiet(&self) -> bool {
        matches!(self.stream.try_read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}
