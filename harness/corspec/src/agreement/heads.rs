//! The heads of requests, line by line: what the model writes and what the engine wrote.

use corspec_browser::{HeaderList, Profile, Source};
use globset::{Glob, GlobMatcher};
use serde::Deserialize;

use crate::browser::Performed;
use crate::case::{Case, Initiator};
use crate::record::text;

/// Lines whose values are a version's, a user's or drawn by lot. Their names and places are compared.
const VALUES_OF_ITS_OWN: [&str; 7] = [
    "User-Agent",
    "Accept-Language",
    "Content-Length",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "Sec-WebSocket-Key",
];

/// The lines of Chromium's requests that have a place of their own. The others come out of a hash table, in its order.
const PLACED_BY_CHROMIUM: [&str; 11] = [
    "Host",
    "Connection",
    "Content-Length",
    "Origin",
    "Sec-Fetch-Site",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Storage-Access",
    "Referer",
    "Accept-Encoding",
    "Cookie",
];

/// The heads of a case's requests.
#[derive(Clone, Debug, Default)]
pub struct Heads {
    /// How many were compared.
    pub compared: usize,
    /// What is not the same, a line for each head that differs.
    pub differences: Vec<String>,
}

/// A head that is known to differ.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    profile: String,
    case: String,
    reason: String,
}

/// What is known to differ under a profile.
#[derive(Debug, Default)]
pub struct KnownHeads(Vec<(GlobMatcher, String)>);

impl KnownHeads {
    /// The built-in list.
    pub fn of(profile: Profile) -> Self {
        // A test reads it.
        let known: Vec<Known> = serde_yaml::from_str(include_str!("known-heads.yaml")).unwrap_or_default();
        let of_profile = known.into_iter().filter(|known| known.profile == profile.name());
        Self(
            of_profile
                .filter_map(|known| Some((Glob::new(&known.case).ok()?.compile_matcher(), known.reason)))
                .collect(),
        )
    }

    /// Why the heads of a case differ, if that is known.
    pub fn reason_for(&self, case: &str) -> Option<&str> {
        self.0.iter().find(|(glob, _)| glob.is_match(case)).map(|(_, reason)| &**reason)
    }
}

/// Holds the heads of all requests against each other that both sent.
pub(super) fn heads(case: &Case, profile: Profile, model: &[Performed], engine: &[Performed]) -> Heads {
    let mut heads = Heads::default();
    for (step, (model, engine)) in case.steps.iter().zip(model.iter().zip(engine)) {
        let (ours, theirs) = (&model.outcome.exchanges, &engine.outcome.exchanges);
        // What is asked otherwise is a disagreement already.
        if ours.len() != theirs.len() {
            break;
        }
        let reading = Reading {
            profile,
            initiator: step.request.initiator,
            page_has_no_origin: model.asked.origin == "null",
        };
        for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            let on_the_wire = ours.source != Source::HttpCache && theirs.source != Source::HttpCache;
            let lines = model.sent.get(index).and_then(|sent| sent.lines.as_ref());
            if let Some(lines) = lines.filter(|_| on_the_wire) {
                heads.compared += 1;
                let (model, engine) = (reading.lines(lines), reading.lines(&theirs.request.headers));
                heads.differences.extend(difference(&model, &engine));
            }
        }
    }
    heads
}

/// How heads are read, so that what is left is the same in each.
struct Reading {
    profile: Profile,
    initiator: Initiator,
    page_has_no_origin: bool,
}

type Lines = Vec<(String, String)>;

impl Reading {
    fn lines(&self, headers: &HeaderList) -> Lines {
        let mut lines: Lines = headers
            .iter()
            .map(|header| self.line(text(&header.name), text(header.value.trim_ascii())))
            // The model knows a page's origin, and not the URL that stands here where there is none.
            .filter(|(name, _)| !(self.page_has_no_origin && name == "Referer"))
            .collect();
        if self.profile == Profile::Chromium && self.initiator != Initiator::Form {
            let is_placed =
                |name: &str| PLACED_BY_CHROMIUM.iter().any(|known| known.eq_ignore_ascii_case(name));
            for table in lines.chunk_by_mut(|a, b| is_placed(&a.0) == is_placed(&b.0)) {
                if !is_placed(&table[0].0) {
                    table.sort();
                }
            }
        }
        lines
    }

    fn line(&self, name: String, value: String) -> (String, String) {
        // The browser speaks to our proxy.
        let name = if name == "Proxy-Connection" { "Connection".to_owned() } else { name };
        let is_its_own = VALUES_OF_ITS_OWN.iter().any(|known| known.eq_ignore_ascii_case(&name));
        let value = match &*name {
            _ if is_its_own => "…".to_owned(),
            "Referer" => value.splitn(4, '/').take(3).collect::<Vec<_>>().join("/"),
            // The boundary is drawn by lot.
            "Content-Type" if value.starts_with("multipart/form-data") => "multipart/form-data".to_owned(),
            // Firefox gives an image that is in sight another.
            "Priority" if self.initiator == Initiator::Image => "…".to_owned(),
            _ => value,
        };
        (name, value)
    }
}

/// What of two heads is not the same, in a line.
fn difference(model: &Lines, engine: &Lines) -> Option<String> {
    if model == engine {
        return None;
    }
    let has = |lines: &Lines, name: &str| lines.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let written = |(name, value): &(String, String)| format!("{name}: {value}");
    let only = |these: &Lines, those: &Lines| {
        let only = these.iter().filter(|(name, _)| !has(those, name)).map(written);
        only.collect::<Vec<_>>().join(", ")
    };
    let (only_model, only_engine) = (only(model, engine), only(engine, model));
    let mut parts = Vec::new();
    if !only_engine.is_empty() {
        parts.push(format!("the engine alone writes {only_engine}"));
    }
    if !only_model.is_empty() {
        parts.push(format!("the model alone writes {only_model}"));
    }
    let common = |these: &Lines, those: &Lines| -> Lines {
        these.iter().filter(|(name, _)| has(those, name)).cloned().collect()
    };
    let (ours, theirs) = (common(model, engine), common(engine, model));
    if let Some((a, b)) = ours.iter().zip(&theirs).find(|(a, b)| a != b) {
        parts.push(format!("the model writes {} where the engine writes {}", written(a), written(b)));
    }
    Some(parts.join("; "))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn what_is_known_can_be_read() {
        let known: Vec<Known> = serde_yaml::from_str(include_str!("known-heads.yaml")).unwrap();
        assert!(!known.is_empty());
        for entry in known {
            assert!(Profile::ALL.iter().any(|profile| profile.name() == entry.profile), "{}", entry.profile);
            assert!(Glob::new(&entry.case).is_ok() && !entry.reason.is_empty());
        }
    }

    fn compared(profile: Profile, model: &[&str], engine: &[&str]) -> Option<String> {
        let reading = Reading { profile, initiator: Initiator::Fetch, page_has_no_origin: false };
        let lines = |lines: &[&str]| {
            let mut headers = HeaderList::new();
            for line in lines {
                let (name, value) = line.split_once(':').unwrap();
                headers.append(name.as_bytes().to_vec(), value.as_bytes().to_vec());
            }
            reading.lines(&headers)
        };
        difference(&lines(model), &lines(engine))
    }

    #[rstest]
    #[case::the_same(&["Host: a", "Accept: */*"], &["Host: a", "Accept: */*"], None)]
    #[case::value(&["Accept: a"], &["Accept: b"], Some("the model writes Accept: a where the engine writes Accept: b"))]
    #[case::spelling(&["x-a: 1"], &["X-A: 1"], Some("the model writes x-a: 1 where the engine writes X-A: 1"))]
    #[case::order(&["Host: a", "Accept: b"], &["Accept: b", "Host: a"], Some("the model writes Host: a where the engine writes Accept: b"))]
    #[case::more(&["Host: a"], &["Host: a", "DNT: 1"], Some("the engine alone writes DNT: 1"))]
    #[case::less(&["Host: a", "DNT: 1"], &["Host: a"], Some("the model alone writes DNT: 1"))]
    #[case::version(&["User-Agent: 1"], &["User-Agent: 2"], None)]
    #[case::page(&["Referer: https://a/"], &["Referer: https://a/page"], None)]
    #[case::referrer(&["Referer: https://a/"], &["Referer: https://b/"], Some("the model writes Referer: https://a where the engine writes Referer: https://b"))]
    #[case::boundary(&["Content-Type: multipart/form-data; boundary=a"], &["Content-Type: multipart/form-data; boundary=b"], None)]
    fn differences(#[case] model: &[&str], #[case] engine: &[&str], #[case] found: Option<&str>) {
        assert_eq!(compared(Profile::Firefox, model, engine).as_deref(), found);
    }

    #[test]
    fn what_chromium_keeps_in_a_table_has_no_order_and_the_rest_has() {
        let (model, engine) = (["Host: a", "X-B: 1", "X-A: 1"], ["Host: a", "X-A: 1", "X-B: 1"]);
        assert_eq!(compared(Profile::Chromium, &model, &engine), None);
        assert!(compared(Profile::Firefox, &model, &engine).is_some());
        assert!(compared(Profile::Chromium, &["X-A: 1", "Host: a"], &["Host: a", "X-A: 1"]).is_some());
    }
}
