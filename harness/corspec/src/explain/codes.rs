//! Reason codes: what each means, an example from the cases, and what a server's owner does about it.

use std::fmt::Write as _;

use anstyle::Style;
use corspec_browser::{Origin, Profile, Reason};
use serde::Serialize;

use super::explanation::Explanation;
use super::mistake::{Mistake, quoted};
use super::question::{Question, page};
use super::terminal::{Styles, Writer};
use super::transcript::Answer;
use super::{Sent, message};
use crate::case::{Case, Kind, Outcome, PageOrigin, Suite, Target};
use crate::perform::request_init;
use crate::record::text;
use crate::report::printable::{abridged, printable, wire};

/// What there is to know about a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The code.
    pub code: &'static str,
    /// What happened, in a sentence.
    pub summary: &'static str,
    /// What it means, for someone who does not know the standard.
    pub meaning: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// A case that ends so.
    pub example: Option<Example>,
}

/// A case that ends with a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// `suite/id`
    pub case: String,
    /// What it teaches.
    pub why: String,
    /// What the browser sent, and what came back.
    pub sent: Vec<Sent>,
    /// Where the standard decides it.
    pub anchor: Option<&'static str>,
}

/// The entry of that code.
///
/// # Errors
/// Where there is no such code: what may have been meant, and the list.
pub fn entry(code: &str, suites: &[Suite]) -> Result<Entry, Mistake> {
    let reason = Reason::from_code(code).ok_or_else(|| unknown(code))?;
    Ok(Entry {
        code: reason.code(),
        summary: reason.summary(),
        meaning: meaning(reason),
        advice: advice(reason),
        example: example(reason, suites),
    })
}

/// Writes an entry for a terminal.
pub fn render(entry: &Entry, styles: &Styles) -> String {
    let mut out = Writer { out: String::new(), styles };
    out.wrapped(&format!("{}: {}", entry.code, entry.summary), "", styles.strong);
    out.heading("What it means");
    out.wrapped(entry.meaning, "  ", Style::new());
    out.heading("What to do about it");
    out.wrapped(entry.advice, "  ", Style::new());
    if let Some(example) = &entry.example {
        out.heading("An example");
        out.wrapped(&printable(&example.why), "  ", Style::new());
        let _ = writeln!(out.out, "  (case {})", abridged(&example.case, 120));
        for sent in &example.sent {
            let _ = writeln!(out.out, "    > {} {}", wire(&sent.method, 40), abridged(&sent.url, 200));
            for (name, value) in &sent.headers {
                let _ = writeln!(out.out, "    > {}: {}", wire(name, 80), wire(value, 200));
            }
            if let Some(status) = sent.status {
                let _ = writeln!(out.out, "    < {status}");
            }
            for (name, value) in
                sent.answer.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
            {
                let _ = writeln!(out.out, "    < {}: {}", wire(name, 80), wire(value, 200));
            }
        }
        if let Some(anchor) = example.anchor {
            let _ = writeln!(out.out, "  The standard: {anchor}");
        }
    }
    out.out
}

/// Every reason, as a page of Markdown.
pub fn document(suites: &[Suite]) -> String {
    let mut out = String::from(
        "# Reasons\n\n\
        Why a browser keeps a page from what it asked for: the codes that corspec reports, each with what it means, what a \
        server's owner does about it, and a case from `cases/`. `corspec explain CODE` says the same. Written by \
        `INSTA_UPDATE=always cargo test -p corspec --test explain`.\n",
    );
    for &reason in Reason::ALL {
        let _ = write!(
            out,
            "\n## {}\n\n{}\n\n{}\n\n**What to do:** {}\n",
            reason.code(),
            reason.summary(),
            meaning(reason),
            advice(reason)
        );
        let Some(example) = example(reason, suites) else { continue };
        let _ = writeln!(out, "\nAn example, `{}`: {}\n\n```http", example.case, printable(&example.why));
        for sent in &example.sent {
            let _ = writeln!(out, "{} {}", wire(&sent.method, 40), abridged(&sent.url, 200));
            for (name, value) in &sent.headers {
                let _ = writeln!(out, "{}: {}", wire(name, 80), wire(value, 200));
            }
            if let Some(status) = sent.status {
                let _ = writeln!(out, "\n{status}");
                for (name, value) in
                    sent.answer.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
                {
                    let _ = writeln!(out, "{}: {}", wire(name, 80), wire(value, 200));
                }
            }
            out.push('\n');
        }
        out.truncate(out.trim_end().len());
        out.push_str("\n```\n");
        if let Some(anchor) = example.anchor {
            let _ = writeln!(out, "\nThe standard: <{anchor}>");
        }
    }
    out
}

fn unknown(code: &str) -> Mistake {
    let codes: Vec<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    let wanted = code.trim().to_ascii_lowercase().replace([' ', '_'], "-");
    let nearest = codes.iter().map(|known| (distance(&wanted, known), *known)).min();
    let guess = match nearest {
        Some((distance, known)) if distance <= (known.len() / 3).max(2) => format!("did you mean {known}? "),
        _ => String::new(),
    };
    Mistake::new(
        format!("there is no reason {}", quoted(code)),
        format!("{guess}The codes are:\n    {}", codes.join("\n    ")),
    )
}

/// How many letters it takes to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    // Nobody mistypes a code by this much.
    if one.len() > 100 {
        return usize::MAX;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &b) in other.iter().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// The simplest case that expects a block for this reason first of all.
fn example(reason: Reason, suites: &[Suite]) -> Option<Example> {
    let expects = |case: &&Case| {
        let [step] = &*case.steps else { return false };
        step.expect.outcome == Outcome::Block
            && step.expect.reasons.first().is_some_and(|own| own == reason.code())
    };
    let weight = |case: &Case| {
        let step = &case.steps[0];
        let lines: usize = step.responses.iter().map(|answer| 1 + answer.header_lines.len()).sum();
        let request = &step.request;
        (lines + 2 * request.headers.len() + 2 * usize::from(request.body.is_some()), case.why.len())
    };
    suites
        .iter()
        .filter(|suite| suite.kind == Kind::Browser)
        .flat_map(|suite| suite.cases.iter().filter(expects).map(move |case| (suite, case)))
        .min_by_key(|(_, case)| weight(case))
        .and_then(|(suite, case)| told(suite, case))
}

fn told(suite: &Suite, case: &Case) -> Option<Example> {
    let step = &case.steps[0];
    let Target::Url(url) = &step.request.target else { return None };
    let PageOrigin::Serialized(origin) = &step.request.origin else { return None };
    let answers = step.responses.iter().map(|answer| {
        let response = (!answer.close).then(|| {
            let lines: Vec<String> = answer.header_lines.iter().map(|line| text(line)).collect();
            let mut response = message::response("", answer.status).unwrap_or_default();
            for header in lines.iter().filter_map(|line| message::header(line).ok()) {
                response.headers.append(header.name, header.value);
            }
            response
        });
        Answer { purpose: answer.purpose, response }
    });
    let question = Question {
        page: page(Origin::parse(origin)?),
        init: request_init(url.clone(), &step.request),
        answers: answers.collect(),
        notes: Vec::new(),
    };
    let explanation = Explanation::of(&question, Profile::default());
    let deciding = |step: &super::Step| {
        step.before.iter().chain(&step.after).find(|decided| decided.deciding).map(|decided| decided.anchor)
    };
    Some(Example {
        case: format!("{}/{}", suite.name, case.id),
        why: case.why.clone(),
        anchor: explanation.steps.iter().find_map(deciding),
        sent: explanation.steps.into_iter().filter_map(|step| step.sent).collect(),
    })
}

/// What a reason means.
const fn meaning(reason: Reason) -> &'static str {
    match reason {
        Reason::UrlInvalid => "Script asked for a URL that no browser can read. Nothing was sent.",
        Reason::UrlHasCredentials => {
            "Script gave fetch() a URL such as https://user:password@host/. Browsers refuse that, so that passwords do not end up in logs. Nothing was sent."
        }
        Reason::MethodInvalid => "The method has a character that HTTP does not know. Nothing was sent.",
        Reason::MethodForbidden => {
            "CONNECT, TRACE and TRACK would let a page see what the browser hides from it, so no server can permit them. Nothing was sent."
        }
        Reason::MethodNotSafelisted => {
            "In mode no-cors a page sends only what a plain form or image could. Nothing was sent."
        }
        Reason::HeaderInvalid => {
            "A header that script set has a character that HTTP does not permit. Nothing was sent."
        }
        Reason::BodyNotPermitted => "Script gave fetch() a body with GET or HEAD. Nothing was sent.",
        Reason::StreamBodyMode => {
            "A body that is a stream needs the server's permission, for which mode no-cors never asks. Nothing was sent."
        }
        Reason::NoCorsRedirectMode => {
            "Script asked for mode no-cors and for redirects that are not followed, which browsers do not combine across origins. Nothing was sent."
        }
        Reason::SameOriginMode => {
            "Script asked for mode same-origin, and the URL, or a redirect, is of another origin. No server can permit what the page itself rules out."
        }
        Reason::SchemeNotHttp => {
            "Across origins, browsers fetch http and https URLs only; file: and others are never asked."
        }
        Reason::BadPort => {
            "Browsers keep pages from talking to ports of mail servers and other services that speak something else than HTTP."
        }
        Reason::NetworkError => {
            "The connection failed, or what came was no HTTP: a wrong name or port, a server that is not running, a certificate that the browser does not trust. Consoles often call this a CORS error too, because no Access-Control-Allow-Origin came; CORS is not the cause."
        }
        Reason::ProxyAuthenticationRequired => {
            "Status 407 is for proxies to say. A browser drops such an answer wherever it comes from."
        }
        Reason::AllowOriginMissing => {
            "The server answered, and did not say that other sites may read the answer. Without that word, a browser keeps it from the page. It often means that CORS is not switched on for this path, or that an error page, a login or a proxy answered in the application's place."
        }
        Reason::AllowOriginMultiple => {
            "The answer names several origins, or the header is there twice. Browsers compare the whole value with one origin, so a list matches none. It often means that both the application and a proxy in front of it add the header."
        }
        Reason::AllowOriginWildcardWithCredentials => {
            "The page sent cookies along (credentials: \"include\", withCredentials), and the server answered with *, \"any page may\". Browsers do not take * for that: otherwise any page could read what the signed-in user can."
        }
        Reason::AllowOriginInvalid => {
            "The header's value is no origin: it must be scheme://host, with the port where it is not the usual one, and neither a slash nor a path at its end."
        }
        Reason::AllowOriginMismatch => {
            "The server permits another page than the one that asks. The scheme, the host and the port all have to be the same, letter for letter: http is not https, www.example is not example, and a slash at the end counts."
        }
        Reason::AllowCredentialsNotTrue => {
            "The page sent cookies along, and the server did not say that pages may do so. The only word that counts is true, in lower case."
        }
        Reason::PreflightRedirect => {
            "The browser asked for permission with an OPTIONS request, and was sent elsewhere: to https, to a login, to the same URL with a slash. Browsers do not follow a redirect of a preflight."
        }
        Reason::PreflightStatus => {
            "The browser asked for permission with an OPTIONS request, and got an error. It often means that the server knows no OPTIONS on this path, or asks even preflights for a login, which never have cookies or Authorization."
        }
        Reason::AllowMethodsInvalid => {
            "The list of methods has a character that does not belong there, such as a quote, a slash or a space inside a name. Browsers then take none of it."
        }
        Reason::AllowHeadersInvalid => {
            "The list of header names has a character that does not belong there, such as a quote or a space inside a name. Browsers then take none of it."
        }
        Reason::MethodNotAllowed => {
            "The page wants to use a method other than GET, HEAD and POST, and the answer to the preflight does not name it."
        }
        Reason::HeaderNotAllowed => {
            "The page wants to send a header of its own, and the answer to the preflight does not name it. Content-Type: application/json is one of these, and so is Authorization."
        }
        Reason::WildcardExcludesAuthorization => {
            "The server permits any header by *, and Authorization is the one header that * leaves out."
        }
        Reason::RedirectModeError => {
            "Script asked for a failure in place of a redirect, and a redirect came."
        }
        Reason::RedirectLocationInvalid => {
            "The redirect does not say where to, in a way that a browser can read."
        }
        Reason::RedirectLimit => "The redirects go on and on, most likely in a circle.",
        Reason::RedirectHasCredentials => {
            "The redirect leads to a URL such as https://user:password@host/, which browsers refuse across origins."
        }
        Reason::RedirectStreamBody => {
            "The request had a stream as its body. That is spent once it is sent, so the browser cannot send it again where the redirect leads."
        }
        Reason::CrossOriginResourcePolicy => {
            "The answer says by Cross-Origin-Resource-Policy that other sites may not even embed it."
        }
        Reason::KeepaliveStream => {
            "The request may outlive its page, and its body is a stream that the page would have to go on writing. Nothing was sent."
        }
        Reason::KeepaliveTooLarge => {
            "The request may outlive its page, and such requests carry at most 64 KiB. Nothing was sent."
        }
        Reason::MixedContent => {
            "The page came over https and asked for something over plain http, which anybody on the way could change. The browser did not ask."
        }
        Reason::LocalNetworkAccess => {
            "The page is on the public network and asked for something on the user's own network or machine. That takes the user's permission."
        }
        Reason::WebSocketRefused => {
            "The server answered the web socket's handshake with another status than 101."
        }
        _ => "",
    }
}

/// What to do about a reason: the server's owner where it is the server's, the page's author where it is the page's.
pub(super) const fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::UrlInvalid => "In the page: write a whole URL, such as https://api.example/x.",
        Reason::UrlHasCredentials => {
            "In the page: leave user and password out of the URL and send an Authorization header, which the server then has to permit."
        }
        Reason::MethodInvalid => "In the page: write the method in letters, such as PUT.",
        Reason::MethodForbidden => "In the page: use another method.",
        Reason::MethodNotSafelisted => {
            "In the page: leave mode: \"no-cors\" out, and have the server permit the method."
        }
        Reason::HeaderInvalid => {
            "In the page: look at the header's name and value for spaces and line ends; encode what is not plain text."
        }
        Reason::BodyNotPermitted => "In the page: put the data into the URL, or use POST.",
        Reason::StreamBodyMode => "In the page: leave mode: \"no-cors\" out, or send a string or a Blob.",
        Reason::NoCorsRedirectMode => "In the page: leave out mode: \"no-cors\", or redirect.",
        Reason::SameOriginMode => {
            "In the page: leave mode: \"same-origin\" out, or ask a URL of the page's own origin."
        }
        Reason::SchemeNotHttp => {
            "Serve the page and what it asks for over http or https; for local files, a small web server does."
        }
        Reason::BadPort => "Let the server listen on another port.",
        Reason::NetworkError => {
            "Open the URL in a tab of its own, or ask it with curl -v: the name, the port, the certificate and whether the server runs at all. Once an answer comes, CORS can be looked at."
        }
        Reason::ProxyAuthenticationRequired => "Answer with 401 in place of 407.",
        Reason::AllowOriginMissing => {
            "Send Access-Control-Allow-Origin with the page's origin on every answer to it, errors included: on what the application answers, and on what a proxy or a login in front of it does. Where the value depends on who asks, send Vary: Origin too."
        }
        Reason::AllowOriginMultiple => {
            "Send the header once, with the one origin that asked, from a list of your own. Look for a second place that adds it: a proxy, a middleware that is installed twice."
        }
        Reason::AllowOriginWildcardWithCredentials => {
            "Send the page's own origin in place of *, from a list of your own, with Access-Control-Allow-Credentials: true and Vary: Origin. If the page needs no cookies, let it leave credentials: \"include\" out; then * will do."
        }
        Reason::AllowOriginInvalid => {
            "Send the origin as the request's Origin header has it, such as https://app.example: with its scheme, without a slash at the end, without quotes. Patterns such as https://*.example are for the server to resolve."
        }
        Reason::AllowOriginMismatch => {
            "Compare the request's Origin with the value, letter for letter, and put the page's origin on the server's list. If a cache stands in between, send Vary: Origin, or it hands one page's answer to another."
        }
        Reason::AllowCredentialsNotTrue => {
            "Send Access-Control-Allow-Credentials: true, on the preflight and on the answer itself, to pages that you trust with the user's session. If the page needs no cookies, let it leave credentials: \"include\" out."
        }
        Reason::PreflightRedirect => {
            "Answer OPTIONS where it is asked: permit the preflight before the redirect to https, to the login or to the slash, or have the page ask the final URL."
        }
        Reason::PreflightStatus => {
            "Answer OPTIONS with 204 and the Access-Control headers, before routing and before anything asks for a login."
        }
        Reason::AllowMethodsInvalid => {
            "Send names separated by commas, and nothing else: Access-Control-Allow-Methods: GET, PUT."
        }
        Reason::AllowHeadersInvalid => {
            "Send names separated by commas, and nothing else: Access-Control-Allow-Headers: Content-Type, X-Token."
        }
        Reason::MethodNotAllowed => {
            "Name the method in Access-Control-Allow-Methods on the answer to OPTIONS, in the very letters that the page uses: PATCH, in capitals, also in the page. With credentials, * is no help."
        }
        Reason::HeaderNotAllowed => {
            "Name the header in Access-Control-Allow-Headers on the answer to OPTIONS. With credentials, * is no help."
        }
        Reason::WildcardExcludesAuthorization => {
            "Name it beside the star: Access-Control-Allow-Headers: *, Authorization."
        }
        Reason::RedirectModeError => {
            "In the page: leave redirect: \"error\" out, or ask the URL where the redirect leads."
        }
        Reason::RedirectLocationInvalid => "Send one Location with one URL.",
        Reason::RedirectLimit => "Look where the redirects lead, with curl -IL.",
        Reason::RedirectHasCredentials => "Leave user and password out of Location.",
        Reason::RedirectStreamBody => {
            "Answer without a redirect, or with 303; or let the page send a string or a Blob, or ask the URL where the redirect leads."
        }
        Reason::CrossOriginResourcePolicy => {
            "Send Cross-Origin-Resource-Policy: cross-origin where other sites may embed this."
        }
        Reason::KeepaliveStream => "In the page: send a string or a Blob, or leave out keepalive.",
        Reason::KeepaliveTooLarge => "In the page: send less, or leave out keepalive.",
        Reason::MixedContent => "Serve the API over https too.",
        Reason::LocalNetworkAccess => {
            "Ask the user for permission, or serve the page from the network that the API is on."
        }
        Reason::WebSocketRefused => {
            "Answer 101 to the origins that may connect. CORS has no say here: the server itself must look at Origin."
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn every_reason_is_explained() {
        for &reason in Reason::ALL {
            assert!(!meaning(reason).is_empty() && !advice(reason).is_empty(), "{reason}");
        }
    }

    #[rstest]
    #[case("allow-orign-missing", "did you mean allow-origin-missing? ")]
    #[case("Preflight Status", "did you mean preflight-status? ")]
    #[case("zebra", "The codes are:")]
    fn did_you_mean(#[case] code: &str, #[case] way_out: &str) {
        let mistake = entry(code, &[]).unwrap_err();
        assert!(mistake.way_out.starts_with(way_out), "{mistake}");
    }
}
