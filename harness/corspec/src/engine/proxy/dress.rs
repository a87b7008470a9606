//! What goes with an answer, where a case says nothing of it: what an element needs to load (a body of the right kind, the
//! type, the handshake's key), and that nothing is kept for the next case.
//!
//! An image that cannot be decoded fails as one that is refused does, so an empty body would tell nothing.

use super::message::Dress;
use crate::case::{Initiator, Scripted};

/// One transparent pixel.
const IMAGE: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xF9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// A hundred samples of silence at 8 kHz, a byte each.
const SOUND: &[u8] = &{
    let mut wav = [0x80; 144];
    let head =
        *b"RIFF\x88\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x40\x1F\0\0\x01\0\x08\0data\x64\0\0\0";
    let mut index = 0;
    while index < head.len() {
        wav[index] = head[index];
        index += 1;
    }
    wav
};

const TRACK: &[u8] = b"WEBVTT\n\n00:00.000 --> 00:01.000\ncorspec\n";

const FONT: &[u8] = include_bytes!("corspec.ttf");

/// What goes with a case's answer to that initiator; `key` is what a web socket's handshake asks with.
pub(super) fn dress(answer: &Scripted, initiator: Initiator, key: Option<&[u8]>) -> Dress {
    let (content_type, body): (&str, &'static [u8]) = match initiator {
        Initiator::Image => ("image/gif", IMAGE),
        Initiator::Script | Initiator::ModuleScript => ("text/javascript", b""),
        Initiator::Stylesheet => ("text/css", b""),
        Initiator::Font => ("font/ttf", FONT),
        Initiator::Video | Initiator::Audio => ("audio/wav", SOUND),
        Initiator::Track => ("text/vtt", TRACK),
        Initiator::EventSource => ("text/event-stream", b""),
        _ => ("", b""),
    };
    let names = |name: &str| {
        answer.header_lines.iter().any(|line| {
            line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        })
    };
    let mut lines = Vec::new();
    if !content_type.is_empty() && !names("content-type:") {
        lines.push(format!("Content-Type: {content_type}"));
    }
    if let Some(key) = key.filter(|_| answer.status == 101 && !names("sec-websocket-accept:")) {
        lines.push(format!("Sec-WebSocket-Accept: {}", accept(key)));
    }
    // Browsers keep these for good if nothing else is said, and the next case may use the same URL.
    let is_permanent = matches!(answer.status, 301 | 308);
    if is_permanent && !names("cache-control:") && !names("expires:") {
        lines.push("Cache-Control: no-store".to_owned());
    }
    Dress { lines, body }
}

/// <https://datatracker.ietf.org/doc/html/rfc6455#section-4.2.2>
fn accept(key: &[u8]) -> String {
    let salted = [key, b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"].concat();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &salted);
    base64(digest.as_ref())
}

pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place)) as usize % 64;
            text.push(if place <= chunk.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_rfc() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn what_the_case_says_stands() {
        let answer = Scripted {
            purpose: corspec_browser::Purpose::Actual,
            status: 200,
            header_lines: vec![b"content-type: text/plain".to_vec()],
            body: Vec::new(),
            close: false,
        };
        assert!(dress(&answer, Initiator::Script, None).lines.is_empty());
        let bare = Scripted { header_lines: Vec::new(), ..answer };
        assert_eq!(dress(&bare, Initiator::Script, None).lines, ["Content-Type: text/javascript"]);
        assert_eq!(dress(&bare, Initiator::Fetch, None), Dress::default());
    }

    #[test]
    fn a_permanent_redirect_is_not_kept_for_the_next_case() {
        let moved = |status, line: &str| {
            let header_lines = vec![line.as_bytes().to_vec()];
            let purpose = corspec_browser::Purpose::Actual;
            let answer = Scripted { purpose, status, header_lines, body: Vec::new(), close: false };
            dress(&answer, Initiator::Fetch, None).lines
        };
        assert_eq!(moved(308, "Location: /a"), ["Cache-Control: no-store"]);
        assert!(moved(308, "Cache-Control: max-age=5").is_empty());
        assert!(moved(302, "Location: /a").is_empty());
    }
}
