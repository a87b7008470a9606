use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpStream;

/// Where a server under test listens: on this machine, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LoopbackUrl {
    host: &'static str,
    port: u16,
}

impl LoopbackUrl {
    /// # Errors
    ///
    /// What is wrong with it, as the end of a sentence that begins with the URL.
    pub(crate) fn parse(url: &str) -> Result<Self, &'static str> {
        let authority = url.strip_prefix("http://").ok_or("does not begin with http://")?;
        let host = ["127.0.0.1", "[::1]", "localhost"].into_iter().find(|host| {
            authority.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
        let host = host.ok_or("does not stay on this machine")?;
        let rest = &authority[host.len()..];
        let port = rest.strip_prefix(':').ok_or("names no port")?;
        let digits = port.bytes().take_while(u8::is_ascii_digit).count();
        let (port, after) = port.split_at(digits);
        match after.bytes().next() {
            None => {}
            Some(b'/') if after == "/" => return Err("ends in a slash"),
            Some(b'/' | b'?' | b'#') => return Err("has a path"),
            Some(_) => return Err("has a port that is no number"),
        }
        match port.parse() {
            Ok(number) if number > 0 && !port.starts_with('0') => Ok(Self { host, port: number }),
            _ => Err("has a port that no server can have"),
        }
    }

    /// Connects to the first address that listens. No name is looked up: `localhost` is this machine.
    pub(crate) async fn connect(&self) -> io::Result<TcpStream> {
        let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, self.port));
        match self.host {
            "127.0.0.1" => TcpStream::connect(v4).await,
            "[::1]" => TcpStream::connect(v6).await,
            _ => match TcpStream::connect(v4).await {
                Ok(stream) => Ok(stream),
                Err(error) => TcpStream::connect(v6).await.map_err(|_| error),
            },
        }
    }

    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://127.0.0.1:40123", "127.0.0.1:40123")]
    #[case("http://[::1]:1", "[::1]:1")]
    #[case("http://localhost:65535", "localhost:65535")]
    fn stays_here(#[case] url: &str, #[case] authority: &str) {
        assert_eq!(LoopbackUrl::parse(url).unwrap().authority(), authority);
    }

    #[rstest]
    #[case::scheme("https://127.0.0.1:1", "does not begin with http://")]
    #[case::elsewhere("http://192.0.2.1:80", "does not stay on this machine")]
    #[case::all_interfaces("http://0.0.0.0:80", "does not stay on this machine")]
    #[case::looks_like_it("http://localhost.example:80", "does not stay on this machine")]
    #[case::looks_like_it("http://127.0.0.1.example:80", "does not stay on this machine")]
    #[case::user("http://localhost:80@evil.example", "has a port that is no number")]
    #[case::no_port("http://127.0.0.1", "names no port")]
    #[case::no_port("http://127.0.0.1/", "names no port")]
    #[case::slash("http://127.0.0.1:80/", "ends in a slash")]
    #[case::path("http://127.0.0.1:80/base", "has a path")]
    #[case::query("http://127.0.0.1:80?x", "has a path")]
    #[case::zero("http://127.0.0.1:0", "has a port that no server can have")]
    #[case::empty("http://127.0.0.1:", "has a port that no server can have")]
    #[case::sign("http://127.0.0.1:+80", "has a port that is no number")]
    #[case::leading_zero("http://127.0.0.1:080", "has a port that no server can have")]
    #[case::too_large("http://127.0.0.1:65536", "has a port that no server can have")]
    #[case::newline("http://127.0.0.1:80\r\nHost: x", "has a port that is no number")]
    #[case::nothing("", "does not begin with http://")]
    fn leads_away(#[case] url: &str, #[case] problem: &str) {
        assert_eq!(LoopbackUrl::parse(url).unwrap_err(), problem);
    }
}
