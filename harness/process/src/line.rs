use std::io::{self, BufRead};

/// The longest line that a program may write to stdout.
pub(crate) const MAX_LINE: usize = 1 << 20;

/// What reading one line came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Whole(Vec<u8>),
    TooLong(Vec<u8>),
    End,
}

/// Reads up to the next newline, and at most [`MAX_LINE`] bytes.
///
/// A last line without its newline is no line: the program ended while it wrote it.
pub(crate) fn read_line(from: &mut impl BufRead) -> io::Result<Line> {
    let mut line = Vec::new();
    loop {
        let buffer = match from.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(Line::End);
        }
        let newline = buffer.iter().position(|&byte| byte == b'\n');
        line.extend_from_slice(&buffer[..newline.unwrap_or(buffer.len())]);
        let used = newline.map_or(buffer.len(), |at| at + 1);
        from.consume(used);
        if line.len() > MAX_LINE {
            return Ok(Line::TooLong(line));
        }
        if newline.is_some() {
            return Ok(Line::Whole(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn reads_lines() {
        let mut from = BufReader::with_capacity(3, &b"one\n\ntwelve\nunfinished"[..]);
        for line in ["one", "", "twelve"] {
            assert_eq!(read_line(&mut from).unwrap(), Line::Whole(line.into()));
        }
        assert_eq!(read_line(&mut from).unwrap(), Line::End);
    }

    #[test]
    fn stops_within_a_line_without_end() {
        let mut from = BufReader::new(io::repeat(b'x'));
        assert!(
            matches!(read_line(&mut from).unwrap(), Line::TooLong(line) if line.len() < MAX_LINE + (16 << 10))
        );
        let mut longest = vec![b'x'; MAX_LINE];
        longest.push(b'\n');
        assert!(matches!(read_line(&mut &longest[..]).unwrap(), Line::Whole(line) if line.len() == MAX_LINE));
    }
}
