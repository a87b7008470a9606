//! What each browser does with recorded answers and says of them, and what they would have to be.

use corspec_browser::{
    CredentialsMode, HeaderList, HttpResponse, Initiator, Mode, Profile, Purpose, RedirectMode,
};
use url::Url;

use super::finding::{Console, Wanted};
use super::transport::is_loopback;
use crate::explain::{Answer, Call, Change, Explanation, Question, Verdict};
use crate::record::StepRecord;

/// What each browser makes of the same answers, and what they would have to be.
pub(super) fn browsers(step: &StepRecord) -> (Vec<Console>, Vec<Wanted>) {
    let Some(question) = question(step) else { return Default::default() };
    let asked_tls = step.request.url.starts_with("https://");
    let bare = step.request.url.split_once("://").map(|(_, rest)| rest);
    let engines = Profile::ALL.into_iter().filter(|profile| *profile != Profile::Fetch);
    let consoles = engines.map(|profile| {
        let explanation = Explanation::of(&question, profile);
        let said = explanation.console.into_iter().find(|console| console.engine == profile.name());
        Console {
            engine: profile.name(),
            allows: explanation.verdict == Verdict::Allow,
            lines: said
                .map(|console| console.lines)
                .unwrap_or_default()
                .into_iter()
                .map(|line| match (asked_tls, bare) {
                    (false, Some(bare)) => {
                        line.replace(&format!("https://{bare}"), &format!("http://{bare}"))
                    }
                    _ => line,
                })
                .collect(),
        }
    });
    let consoles = consoles.collect();
    let remedy = Explanation::of(&question, Profile::Fetch).remedy;
    let mut wanted = Vec::new();
    for response in remedy.responses.into_iter().filter(|response| response.known) {
        if let Some(now) = response.status_now {
            let line = format!("status {}", response.status);
            wanted.push(Wanted { purpose: response.purpose, line, now: now.to_string() });
        }
        for setting in response.headers.into_iter().filter(|setting| setting.change != Change::Keep) {
            let line = match &setting.value {
                Some(value) => format!("{}: {value}", setting.name),
                None => format!("no {}", setting.name),
            };
            wanted.push(Wanted {
                purpose: response.purpose,
                line,
                now: setting.now.unwrap_or_else(|| "missing".to_owned()),
            });
        }
    }
    (consoles, wanted)
}

/// The URL that was asked for. That a server on this machine has no TLS yet is a circumstance, and mixed content is not what is
/// looked for; that any other has none is what browsers will say of it.
fn url_of(step: &StepRecord) -> String {
    let url = &step.request.url;
    match url.strip_prefix("http://") {
        Some(rest)
            if step.request.origin.starts_with("https://")
                && Url::parse(url).is_ok_and(|url| is_loopback(&url)) =>
        {
            format!("https://{rest}")
        }
        _ => url.clone(),
    }
}

/// The recorded step as a question that every profile can be asked.
fn question(step: &StepRecord) -> Option<Question> {
    let asked = &step.request;
    let url = url_of(step);
    let bytes = |text: &str| -> Vec<u8> {
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
    };
    let answers = step.exchanges.iter().map(|exchange| Answer {
        purpose: if exchange.purpose == "preflight" { Purpose::Preflight } else { Purpose::Actual },
        response: exchange.response.as_ref().map(|response| HttpResponse {
            status: response.status,
            headers: response.headers.iter().fold(HeaderList::new(), |mut list, (name, value)| {
                list.append(bytes(name), bytes(value));
                list
            }),
            body: Vec::new(),
        }),
    });
    let call = Call {
        origin: Some(asked.origin.clone()),
        url: Some(url),
        method: Some(asked.method.clone()),
        headers: asked.headers.iter().map(|(name, value)| (bytes(name), bytes(value))).collect(),
        credentials: Some(match &*asked.credentials {
            "omit" => CredentialsMode::Omit,
            "include" => CredentialsMode::Include,
            _ => CredentialsMode::SameOrigin,
        }),
        mode: Some(match &*asked.mode {
            "no-cors" => Mode::NoCors,
            "same-origin" => Mode::SameOrigin,
            _ => Mode::Cors,
        }),
        redirect: Some(match &*asked.redirect {
            "error" => RedirectMode::Error,
            "manual" => RedirectMode::Manual,
            _ => RedirectMode::Follow,
        }),
        body: None,
        initiator: Initiator::from_name(&asked.initiator),
        answers: answers.collect(),
        notes: Vec::new(),
    };
    call.into_question().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::report::sample;

    #[rstest]
    #[case::another_machine("http://api.internal/x", "https://app.example", "http://api.internal/x")]
    #[case::this_machine("http://127.0.0.1:8080/x", "https://app.example", "https://127.0.0.1:8080/x")]
    #[case::a_page_on_http("http://127.0.0.1:8080/x", "http://app.example", "http://127.0.0.1:8080/x")]
    fn what_is_replayed(#[case] url: &str, #[case] origin: &str, #[case] replayed: &str) {
        let mut step = sample::record().results.remove(0).steps.remove(0);
        url.clone_into(&mut step.request.url);
        origin.clone_into(&mut step.request.origin);
        assert_eq!(url_of(&step), replayed);
    }

    #[test]
    fn mixed_content_is_blocked_whatever_the_answer_says() {
        let mut step = sample::record().results.remove(0).steps.remove(0);
        "http://api.internal/x".clone_into(&mut step.request.url);
        "https://app.example".clone_into(&mut step.request.origin);
        let question = question(&step).unwrap();
        let explanation = Explanation::of(&question, Profile::Fetch);
        assert_eq!(explanation.reason, Some("mixed-content"));
    }
}
