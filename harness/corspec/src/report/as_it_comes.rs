//! What a middleware grants as it comes, in plain words and without a verdict.

use serde::{Deserialize, Serialize};

use super::printable::wire;
use crate::record::{AsItComes, ExchangeRecord, Observation, ServerAnswer, StepRecord};
use crate::run::as_it_comes::{HEADERS, METHODS, ORIGINS};

/// What a page elsewhere is granted by a middleware that is switched on without any option. Every text is fit to be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// Which pages read a simple answer.
    pub reads: String,
    /// Which pages read it with the user's cookies.
    pub cookies: String,
    /// Which methods a preflight grants.
    pub methods: String,
    /// Which request headers a preflight grants.
    pub headers: String,
    /// Which response headers script sees.
    pub exposes: String,
    /// How long a preflight may be remembered.
    pub max_age: String,
    /// On which responses `Vary` names `Origin`.
    pub vary: String,
}

/// What was found, in words; what the server said instead where nothing was.
pub fn grants(found: &AsItComes) -> Result<Grants, String> {
    if found.answer != ServerAnswer::Ready {
        let said = match found.answer {
            ServerAnswer::Unsupported => "there is no such thing",
            ServerAnswer::Refused => "refused",
            _ => "failed",
        };
        return Err(said.to_owned());
    }
    let facts = Facts(&found.observed);
    Ok(Grants {
        reads: facts.reads(),
        cookies: facts.cookies(),
        methods: facts.listed("method", &METHODS, "any method"),
        headers: facts.listed("header", &HEADERS.map(|(name, _)| name), "any header"),
        exposes: facts.exposes(),
        max_age: facts.max_age(),
        vary: facts.vary(),
    })
}

/// What was observed, by the names of the questions.
struct Facts<'a>(&'a [Observation]);

impl<'a> Facts<'a> {
    fn step(&self, asked: &str) -> Option<&'a StepRecord> {
        self.0.iter().find(|observation| observation.asked == asked).map(|observation| &observation.step)
    }

    fn allows(&self, asked: &str) -> bool {
        self.step(asked).is_some_and(|step| step.outcome == "allow")
    }

    fn readers(&self, question: &str) -> Vec<&'static str> {
        ORIGINS.into_iter().filter(|origin| self.allows(&format!("{question} {origin}"))).collect()
    }

    fn reads(&self) -> String {
        let readers = self.readers("reads");
        let Some(first) = readers.first() else { return "no page".to_owned() };
        let permitted = self
            .step(&format!("reads {first}"))
            .and_then(|step| header(step.exchanges.last()?, "access-control-allow-origin"));
        let how = match permitted.as_deref() {
            Some("*") => " (`*`)",
            Some(origin) if origin == *first => " (its origin is repeated)",
            _ => "",
        };
        format!("{}{how}", pages(&readers))
    }

    fn cookies(&self) -> String {
        let readers = self.readers("reads-with-cookies");
        if readers.is_empty() {
            return "no page".to_owned();
        }
        let preflighted = if self.allows("method-with-cookies PUT") { ", PUT too" } else { "" };
        format!("{}{preflighted}", pages(&readers))
    }

    /// The last name stands for all that nobody lists.
    fn listed(&self, question: &str, names: &[&str], any: &str) -> String {
        let granted: Vec<_> =
            names.iter().copied().filter(|name| self.allows(&format!("{question} {name}"))).collect();
        match granted.len() {
            0 => "none".to_owned(),
            all if all == names.len() => any.to_owned(),
            _ => granted.join(", "),
        }
    }

    fn exposes(&self) -> String {
        let readers = self.readers("reads");
        let Some(step) = readers.first().and_then(|origin| self.step(&format!("reads {origin}"))) else {
            return "–".to_owned();
        };
        let sees = |name: &str| step.visible.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let own: Vec<_> = ["X-Request-Id", "X-Secret"].into_iter().filter(|name| sees(name)).collect();
        match own[..] {
            [] => "none".to_owned(),
            [_, _] => "every header".to_owned(),
            _ => own.join(", "),
        }
    }

    fn preflight(&self) -> Option<&'a ExchangeRecord> {
        let methods = METHODS.iter().filter_map(|method| self.step(&format!("method {method}")));
        methods.flat_map(|step| &step.exchanges).find(|exchange| exchange.purpose == "preflight")
    }

    fn max_age(&self) -> String {
        match self.preflight().and_then(|preflight| header(preflight, "access-control-max-age")) {
            Some(seconds) if !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("{} s", wire(&seconds, 20))
            }
            Some(other) => format!("`{}`", wire(&other, 20).replace('`', "'")),
            None => "unset".to_owned(),
        }
    }

    fn vary(&self) -> String {
        let answer = |asked: &str| self.step(asked).and_then(|step| step.exchanges.last());
        let page = answer(&format!("reads {}", ORIGINS[0]));
        let own = answer("own-page");
        let names = |exchange: Option<&ExchangeRecord>, name: &str| {
            exchange.and_then(|exchange| header(exchange, "vary")).is_some_and(|vary| {
                vary.split(',').map(str::trim).any(|known| known == "*" || known.eq_ignore_ascii_case(name))
            })
        };
        let [on_pages, on_own, on_preflights] =
            [page, own, self.preflight()].map(|exchange| names(exchange, "origin"));
        let mut told = match (on_pages, on_own, on_preflights) {
            (true, true, true) => "always".to_owned(),
            (false, false, false) => "never".to_owned(),
            _ => {
                let on = [
                    (on_pages, "to a page elsewhere"),
                    (on_own, "without Origin"),
                    (on_preflights, "to a preflight"),
                ];
                on.iter().filter(|(on, _)| *on).map(|(_, what)| *what).collect::<Vec<_>>().join(", ")
            }
        };
        if page.is_some() && !names(page, "accept-language") {
            told.push_str("; the application's own is lost");
        }
        told
    }
}

/// Those of the asking pages, in words.
fn pages(readers: &[&str]) -> String {
    let ordinary = ORIGINS.iter().filter(|origin| **origin != "null" && readers.contains(origin)).count();
    let null = readers.contains(&"null");
    match (ordinary, null) {
        (3, true) => "any page".to_owned(),
        (3, false) => "any page but `null`".to_owned(),
        _ => format!(
            "only {}",
            readers.iter().map(|origin| format!("`{origin}`")).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Several lines are joined as HTTP joins them.
fn header(exchange: &ExchangeRecord, name: &str) -> Option<String> {
    let headers = &exchange.response.as_ref()?.headers;
    let lines: Vec<_> = headers
        .iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| &**value)
        .collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::record::{Asked, ResponseRecord};

    fn exchange(purpose: &str, headers: &[(&str, &str)]) -> ExchangeRecord {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Some(ResponseRecord { status: 200, headers, body: String::new() });
        ExchangeRecord { purpose: purpose.to_owned(), response, ..ExchangeRecord::default() }
    }

    /// What is asked, whether it is allowed, and the header lines of preflight and answer.
    fn observed(asked: &str, allowed: bool, headers: &[(&str, &str)]) -> Observation {
        let mut exchanges = vec![exchange("actual", headers)];
        if !asked.starts_with("reads") && asked != "own-page" {
            exchanges.insert(0, exchange("preflight", headers));
        }
        let visible = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let outcome = if allowed { "allow" } else { "block" }.to_owned();
        let step =
            StepRecord { request: Asked::default(), outcome, visible, exchanges, ..StepRecord::default() };
        Observation { asked: asked.to_owned(), step }
    }

    fn found(observed: Vec<Observation>) -> AsItComes {
        AsItComes { server: "mine".to_owned(), answer: ServerAnswer::Ready, message: None, observed }
    }

    /// What most do.
    #[test]
    fn any_page_without_cookies() {
        let star = [("Access-Control-Allow-Origin", "*"), ("Vary", "Accept-Language")];
        let mut all: Vec<_> =
            ORIGINS.iter().map(|origin| observed(&format!("reads {origin}"), true, &star)).collect();
        all.extend(
            ORIGINS.iter().map(|origin| observed(&format!("reads-with-cookies {origin}"), false, &star)),
        );
        all.extend(METHODS.iter().map(|method| {
            observed(&format!("method {method}"), *method != "QUERY", &[("Access-Control-Max-Age", "600")])
        }));
        all.extend(HEADERS.iter().map(|(name, _)| observed(&format!("header {name}"), true, &[])));
        all.push(observed("own-page", true, &star));
        let expected = Grants {
            reads: "any page (`*`)".to_owned(),
            cookies: "no page".to_owned(),
            methods: "PUT, PATCH, DELETE".to_owned(),
            headers: "any header".to_owned(),
            exposes: "none".to_owned(),
            max_age: "600 s".to_owned(),
            vary: "never".to_owned(),
        };
        assert_eq!(grants(&found(all)), Ok(expected));
    }

    /// What is dangerous.
    #[test]
    fn any_page_with_cookies() {
        let own = |origin: &'static str| {
            [
                ("Access-Control-Allow-Origin", origin),
                ("Vary", "Origin"),
                ("X-Secret", "s"),
                ("X-Request-Id", "r"),
            ]
        };
        let questions = ["reads", "reads-with-cookies"];
        let mut all: Vec<_> = ORIGINS
            .iter()
            .flat_map(|origin| {
                questions.map(|ask| observed(&format!("{ask} {origin}"), *origin != "null", &own(origin)))
            })
            .collect();
        all.push(observed("method-with-cookies PUT", true, &[]));
        all.push(observed("own-page", true, &[]));
        let grants = grants(&found(all)).unwrap();
        assert_eq!(grants.reads, "any page but `null` (its origin is repeated)");
        assert_eq!(grants.cookies, "any page but `null`, PUT too");
        assert_eq!(grants.exposes, "every header");
        assert_eq!(grants.vary, "to a page elsewhere; the application's own is lost");
        assert_eq!((&*grants.methods, &*grants.max_age), ("none", "unset"));
    }

    #[rstest]
    #[case(&["http://localhost:3000"], "only `http://localhost:3000`")]
    #[case(&["https://app.example", "null"], "only `https://app.example`, `null`")]
    fn some_pages(#[case] readers: &[&str], #[case] expected: &str) {
        assert_eq!(pages(readers), expected);
    }

    #[test]
    fn a_server_may_have_no_default() {
        let found = AsItComes { answer: ServerAnswer::Unsupported, ..found(Vec::new()) };
        assert_eq!(grants(&found), Err("there is no such thing".to_owned()));
    }
}
