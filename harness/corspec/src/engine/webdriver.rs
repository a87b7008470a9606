//! The commands of WebDriver that are needed, over HTTP. <https://w3c.github.io/webdriver/>

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use corspec_browser::{Header, HttpRequest, Purpose};
use serde_json::{Value, json};
use tokio::time::timeout;
use url::Url;

use crate::wire::{Client, Destination, Limits, Options};

/// A result holds what a whole batch of cases saw.
const LARGEST_RESULT: usize = 256 << 20;

/// A session of a running driver.
#[derive(Debug)]
pub(crate) struct WebDriver {
    client: Client,
    to: SocketAddr,
    session: String,
    /// What the driver says that the browser can do, and what it is.
    pub(crate) capabilities: Value,
}

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriverError {
    /// No answer came.
    #[error("the driver does not answer {command}: {reason}")]
    Silent {
        /// The command's path.
        command: String,
        /// What the network says.
        reason: String,
    },
    /// The driver says no.
    #[error("{error}: {message}")]
    Refused {
        /// WebDriver's code.
        error: String,
        /// What the driver adds.
        message: String,
    },
    /// What came is no answer of WebDriver's.
    #[error("the driver answers {command} with what is no WebDriver: {got}")]
    Nonsense {
        /// The command's path.
        command: String,
        /// The beginning of what came.
        got: String,
    },
}

impl WebDriver {
    /// Asks the driver on that port for a session.
    pub(crate) async fn connect(
        port: u16,
        capabilities: &Value,
        patience: Duration,
    ) -> Result<Self, DriverError> {
        let limits = Limits {
            exchange: Duration::from_secs(24 * 60 * 60),
            body_bytes: LARGEST_RESULT,
            ..Limits::default()
        };
        let client = Client::new(Options { limits, ..Options::default() });
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut driver = Self { client, to, session: String::new(), capabilities: Value::Null };
        let asked = json!({"capabilities": {"alwaysMatch": capabilities}});
        let mut answer = driver.command("POST", "session", Some(&asked), patience).await?;
        let Some(session) = answer["sessionId"].as_str() else {
            return Err(DriverError::Nonsense {
                command: "session".to_owned(),
                got: beginning(&answer.to_string()),
            });
        };
        driver.session = session.to_owned();
        driver.capabilities = answer["capabilities"].take();
        Ok(driver)
    }

    /// A command of the session that takes arguments.
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &Value,
        patience: Duration,
    ) -> Result<Value, DriverError> {
        self.command("POST", &format!("session/{}/{path}", self.session), Some(body), patience).await
    }

    /// Ends the session, and with it the browser.
    pub(crate) async fn quit(&self, patience: Duration) -> Result<(), DriverError> {
        self.command("DELETE", &format!("session/{}", self.session), None, patience).await.map(drop)
    }

    async fn command(
        &self,
        method: &'static str,
        path: &str,
        body: Option<&Value>,
        patience: Duration,
    ) -> Result<Value, DriverError> {
        // Sessions are named by ids, and have no place in what people read.
        let command = path.rsplit('/').next().unwrap_or(path).to_owned();
        let silent = |reason: String| DriverError::Silent { command: command.clone(), reason };
        let url =
            Url::parse(&format!("http://{}/{path}", self.to)).map_err(|error| silent(error.to_string()))?;
        let json_type = Header::new(&b"Content-Type"[..], &b"application/json; charset=utf-8"[..]);
        let request = HttpRequest {
            purpose: Purpose::Actual,
            method: method.as_bytes().into(),
            url,
            headers: body.iter().map(|_| json_type.clone()).collect(),
            body: body.map(|body| body.to_string().into_bytes().into()),
        };
        let to = Destination::from(self.to);
        let received = timeout(patience, self.client.exchange(&to, &request))
            .await
            .map_err(|_| silent(format!("nothing within {} s", patience.as_secs())))?
            .map_err(|error| silent(error.to_string()))?;
        let nonsense = || DriverError::Nonsense {
            command: command.clone(),
            got: beginning(&String::from_utf8_lossy(&received.response.body)),
        };
        let mut answer: Value = serde_json::from_slice(&received.response.body).map_err(|_| nonsense())?;
        let Some(value) = answer.get_mut("value").map(Value::take) else { return Err(nonsense()) };
        match (received.response.status, value["error"].as_str()) {
            (200, _) => Ok(value),
            (_, Some(error)) => {
                let message = value["message"].as_str().unwrap_or_default();
                let message = beginning(message.split("\n#").next().unwrap_or_default());
                Err(DriverError::Refused { error: error.to_owned(), message })
            }
            _ => Err(nonsense()),
        }
    }
}

/// As much of a text as a message has room for.
fn beginning(text: &str) -> String {
    text.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// A driver that says this to everything, or nothing at all.
    async fn driver(answer: Option<&'static str>) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 4096]).await;
                match answer {
                    Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                    None => tokio::time::sleep(Duration::from_secs(60)).await,
                }
            }
        });
        port
    }

    #[rstest::rstest]
    #[case::silent(None, "the driver does not answer session: nothing within 0 s")]
    #[case::no_json(
        Some("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        "the driver answers session with what is no WebDriver: hi"
    )]
    #[case::refused(
        Some(
            "HTTP/1.1 500 No\r\nContent-Length: 68\r\n\r\n{\"value\":{\"error\":\"session not created\",\"message\":\"old\\n#0 0x1234\"}}\n"
        ),
        "session not created: old"
    )]
    #[tokio::test]
    async fn drivers_that_are_none(#[case] answer: Option<&'static str>, #[case] told: &str) {
        let port = driver(answer).await;
        let error = WebDriver::connect(port, &json!({}), Duration::from_millis(200)).await.unwrap_err();
        assert_eq!(error.to_string(), told);
    }

    #[tokio::test]
    async fn a_driver_that_is_gone() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = WebDriver::connect(port, &json!({}), Duration::from_secs(5)).await.unwrap_err();
        assert!(error.to_string().starts_with("the driver does not answer session:"), "{error}");
    }
}
