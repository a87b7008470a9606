//! The built-in suites as tests: every case against the embedded servers, and the model against scripted answers.

use std::path::Path;
use std::process::ExitCode;

use corspec::builtin;
use corspec::coverage::{self, coverage};
use corspec::deviation::Deviations;
use corspec::record::Verdict;
use corspec::report::{snapshot, terminal};
use corspec::subject::Subject;
use corspec::{Conformance, record_of};
use libtest_mimic::{Failed, Trial};

fn main() -> ExitCode {
    corspec_server_tower_http::hush_rejections();
    let mut conformance = Conformance::new(|suite| match suite {
        Some(name) => builtin::suites_named(name),
        None => builtin::suites(),
    });
    for subject in subjects() {
        let name = subject.name.clone();
        conformance = conformance
            .subject(subject)
            .trial(Trial::test(format!("{name}/snapshot"), move || review(&name)));
    }
    conformance
        .trial(Trial::test("profiles", profiles))
        .trial(Trial::test("coverage", rules))
        .trial(Trial::test("readme", readme))
        .main()
}

fn subjects() -> Vec<Subject> {
    let deviations = |name: &str| {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../servers").join(name).join("deviations.yaml");
        let text = std::fs::read_to_string(&path).expect("the server's folder lists its deviations");
        Deviations::parse(&path.display().to_string(), &text).expect("a list of deviations")
    };
    vec![
        Subject::scripted(),
        Subject::server("reference", corspec_server_reference::Reference),
        Subject::server("tower-http", corspec_server_tower_http::TowerHttp)
            .with_deviations(deviations("tower-http")),
        Subject::server("actix-cors", corspec_server_actix_cors::ActixCors)
            .with_deviations(deviations("actix-cors")),
    ]
}

/// The verdicts of a server, held against those under `reports/servers/`; a stale deviation is among them.
fn review(name: &str) -> Result<(), Failed> {
    let subject = subjects().into_iter().find(|subject| subject.name == name).ok_or("no such server")?;
    let record = record_of(builtin::suites()?, &[subject])?;
    if let Some(stale) = record.results.iter().find(|result| result.case.starts_with("deviations/")) {
        return Err(stale.message.clone().unwrap_or_default().into());
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../reports/servers");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, snapshot::render(&record, name)));
    Ok(())
}

/// Every case for browsers ends as it says by the rules of each engine too.
fn profiles() -> Result<(), Failed> {
    let results = coverage::results(builtin::suites()?)?;
    let wrong: Vec<String> = results
        .iter()
        .filter(|result| result.verdict != Verdict::Pass)
        .map(|result| format!("{} [{}]: {}", result.case, result.profile, result.verdict))
        .collect();
    if results.is_empty() {
        Err("there is no case for browsers".into())
    } else if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

/// The cases take every rule of the model both ways, but for the ways that are written down as out of reach.
fn rules() -> Result<(), Failed> {
    let wrong: Vec<String> = coverage(&coverage::results(builtin::suites()?)?)
        .iter()
        .flat_map(|reached| [(reached, &reached.holds, "yes"), (reached, &reached.fails, "no")])
        .filter(|(_, way, _)| way.is_missing() || way.is_stale())
        .map(|(reached, way, answer)| {
            let what = if way.is_stale() {
                "is reached, and said to be out of reach"
            } else {
                "is reached by no case"
            };
            format!("{}: {answer} {what}", reached.rule)
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// The table in README.md is the one that a run prints.
fn readme() -> Result<(), Failed> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(&path)?;
    let (before, rest) = text.split_once("<!-- table -->\n```text\n").ok_or("README.md has no table")?;
    let (shown, after) = rest.split_once("```").ok_or("the table in README.md has no end")?;
    let mut record = record_of(builtin::suites()?, &subjects())?;
    record.results.retain(|result| !result.case.starts_with("deviations/"));
    let table = terminal::table(&record, &terminal::Options::default());
    let table = format!("{}\n", table.trim_end());
    if std::env::var_os("CORSPEC_UPDATE").is_some() {
        std::fs::write(&path, format!("{before}<!-- table -->\n```text\n{table}```{after}"))?;
    } else if shown != table {
        let update = "CORSPEC_UPDATE=1 cargo test -p corspec --test conformance readme";
        return Err(format!(
            "the table in README.md is stale; `{update}` rewrites it. It should be:\n{table}"
        )
        .into());
    }
    Ok(())
}
