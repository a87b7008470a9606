//! A response as a person pastes it: a status line and header lines.

use corspec_browser::{Header, HttpResponse};

use super::mistake::{Mistake, quoted};

/// Reads `HTTP/1.1 204 No Content` and the header lines below it, as `curl -i` prints them. The status line may be
/// missing, or be the bare number. `\n` stands for a line end too, for shells whose quotes keep it.
///
/// # Errors
/// Where a line is no header line, or the status no number.
pub fn response(text: &str, default_status: u16) -> Result<HttpResponse, Mistake> {
    let text = text.replace("\\r\\n", "\n").replace("\\n", "\n");
    let mut response = HttpResponse { status: default_status, ..HttpResponse::default() };
    let mut first = true;
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            if first {
                continue;
            }
            // What follows is the body.
            break;
        }
        match status(line) {
            Some(status) if first => response.status = status?,
            _ => {
                let Header { name, value } = header(line)?;
                response.headers.append(name, value);
            }
        }
        first = false;
    }
    Ok(response)
}

/// Reads `Name: value`.
///
/// # Errors
/// Where there is no colon, or the name is none.
pub fn header(line: &str) -> Result<Header, Mistake> {
    let way_out = "write it as Name: value, such as 'Access-Control-Allow-Origin: https://app.example'";
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| Mistake::new(format!("{} is no header line", quoted(line)), way_out))?;
    let (name, value) = (name.trim().as_bytes(), value.trim().as_bytes());
    if !corspec_browser::headers::is_header_name(name) || !corspec_browser::headers::is_header_value(value) {
        return Err(Mistake::new(format!("{} is no header line that HTTP knows", quoted(line)), way_out));
    }
    Ok(Header::new(name.to_vec(), value.to_vec()))
}

fn status(line: &str) -> Option<Result<u16, Mistake>> {
    let number = match line.strip_prefix("HTTP/") {
        Some(rest) => rest.split_whitespace().nth(1).unwrap_or_default(),
        None if line.contains(':') => return None,
        None => line.split_whitespace().next().unwrap_or_default(),
    };
    let status = number.parse().ok().filter(|status| (100..=999).contains(status));
    Some(status.ok_or_else(|| {
        Mistake::new(
            format!("{} names no status", quoted(line)),
            "begin with a status line such as HTTP/1.1 204 No Content",
        )
    }))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("HTTP/1.1 204 No Content\nA: 1", Ok("204 [A: 1]"))]
    #[case("HTTP/2 200 \r\na: 1\r\nA:2\r\n\r\nbody: no", Ok("200 [a: 1, A: 2]"))]
    #[case("\n HTTP/1.1 204 No Content\\nA: b:c\\nB:", Ok("204 [A: b:c, B: ]"))]
    #[case("404", Ok("404 [])"))]
    #[case("A: 1", Ok("299 [A: 1]"))]
    #[case("", Ok("299 []"))]
    #[case("HTTP/1.1", Err("`HTTP/1.1` names no status"))]
    #[case("204\nnonsense", Err("`nonsense` is no header line"))]
    #[case("204\nA b: 1", Err("`A b: 1` is no header line that HTTP knows"))]
    fn responses(#[case] text: &str, #[case] expected: Result<&str, &str>) {
        let read = response(text, 299)
            .map(|response| format!("{} {:?}", response.status, response.headers.iter().collect::<Vec<_>>()))
            .map_err(|mistake| mistake.what);
        assert_eq!(read, expected.map(|text| text.replace("[])", "[]")).map_err(str::to_owned));
    }
}
