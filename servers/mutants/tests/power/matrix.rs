//! The kill matrix: which cases find which wrong server at fault, and for what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use corspec::battery::{Extent, Site, battery};
use corspec::browser::Browser;
use corspec::builtin;
use corspec::case::{Kind, Suite};
use corspec::record::{CaseResult, Verdict};
use corspec::run::{Bench, Plan, run_subject};
use corspec::subject::Subject;
use corspec::wire::{Destination, InProcess};
use corspec_browser::{Header, HttpRequest, HttpResponse, Profile};
use corspec_protocol::Policy;
use corspec_server_mutants::{Class, InProcess as Mutants, Mutant, mutants};
use futures_util::{StreamExt as _, stream};

const PREFIXES: [&str; 3] = ["one-origin", "patterns", "anybody"];

/// The policies whose batteries are part of the matrix, each with the prefix of its suites.
pub(crate) fn policies() -> [(&'static str, Policy); 3] {
    let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    [
        (
            PREFIXES[0],
            Policy {
                origins: strings(&["https://app.example"]),
                methods: strings(&["GET", "HEAD", "POST", "PUT"]),
                headers: strings(&["X-Token", "Content-Type"]),
                expose: strings(&["X-Request-Id"]),
                credentials: true,
                max_age: Some(600),
            },
        ),
        (
            PREFIXES[1],
            Policy {
                origins: strings(&[
                    "https://*.apps.example",
                    "https://*.shops.example",
                    "https://*.eu.shops.example",
                    "https://admin.example:8443",
                    "http://localhost:3000",
                ]),
                methods: strings(&["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
                headers: strings(&[
                    "X-Token",
                    "X-Trace-Id",
                    "Content-Type",
                    "Authorization",
                    "X-Requested-With",
                    "X-A",
                    "X-B",
                    "X-C",
                    "X.Dot",
                    "X_Under",
                    "1st",
                    "x-lower",
                    "Q",
                    "X-The-Name-Of-The-Service-That-First-Asked",
                    "~odd~",
                ]),
                expose: strings(&["X-Request-Id", "WWW-Authenticate"]),
                credentials: false,
                max_age: Some(0),
            },
        ),
        (
            PREFIXES[2],
            Policy {
                origins: strings(&["*"]),
                methods: strings(&["*"]),
                headers: strings(&["*"]),
                expose: strings(&["*"]),
                credentials: false,
                max_age: None,
            },
        ),
    ]
}

/// The suites that the matrix is made of: those of `cases/server`, and the batteries.
pub(crate) fn suites() -> Vec<Suite> {
    let mut suites = builtin::suites().expect("the built-in cases load");
    suites.retain(|suite| suite.kind == Kind::Server);
    suites.extend(derived(Extent::Whole));
    suites
}

/// The batteries of the three policies.
pub(crate) fn derived(extent: Extent) -> Vec<Suite> {
    let site = Site::of_the_protocol();
    let all = policies().into_iter().flat_map(|(prefix, policy)| {
        battery(prefix, &policy, &site, extent).expect("the policies say something")
    });
    all.collect()
}

/// How one case found a wrong server at fault.
#[derive(Clone, Debug)]
pub(crate) struct Kill {
    pub(crate) suite: String,
    pub(crate) case: String,
    /// Whether the harm that was found may be the one that the fault does.
    pub(crate) for_its_harm: bool,
}

/// Which cases killed which mutant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matrix {
    pub(crate) kills: BTreeMap<&'static str, Vec<Kill>>,
}

impl Matrix {
    /// Every mutant against every suite.
    pub(crate) async fn of(suites: Vec<Suite>) -> Self {
        let plan = Arc::new(plan(suites));
        let at_once = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let each = stream::iter(mutants()).map(|mutant| {
            let plan = Arc::clone(&plan);
            async move {
                tokio::spawn(async move { (mutant, against(mutant, &plan).await) }).await.expect("a run")
            }
        });
        let mut each = each.buffer_unordered(at_once);
        let mut matrix = Self::default();
        while let Some((mutant, results)) = each.next().await {
            let mut kills = Vec::new();
            kills.extend(results.iter().filter_map(|result| kill(mutant, result)));
            matrix.kills.insert(mutant.id, kills);
        }
        matrix
    }

    /// The mutants that nothing kills.
    pub(crate) fn survivors(&self) -> BTreeSet<&'static str> {
        self.kills.iter().filter(|(_, kills)| kills.is_empty()).map(|(mutant, _)| *mutant).collect()
    }

    /// The cases that kill nothing, as `suite/id`.
    pub(crate) fn idle(&self, suites: &[Suite]) -> Vec<String> {
        let killing: BTreeSet<(&str, &str)> =
            self.kills.values().flatten().map(|kill| (&*kill.suite, &*kill.case)).collect();
        let all = suites.iter().flat_map(|suite| suite.cases.iter().map(|case| (&*suite.name, &*case.id)));
        all.filter(|case| !killing.contains(case)).map(|(suite, case)| format!("{suite}/{case}")).collect()
    }

    /// The mutants that a suite kills.
    pub(crate) fn found_by(&self, suite: &str) -> BTreeSet<&'static str> {
        let found = self.kills.iter().filter(|(_, kills)| kills.iter().any(|kill| kill.suite == suite));
        found.map(|(mutant, _)| *mutant).collect()
    }

    /// The mutants that a file kills and no other file does.
    pub(crate) fn alone(&self) -> BTreeMap<&str, BTreeSet<&'static str>> {
        let mut alone: BTreeMap<&str, BTreeSet<&'static str>> = BTreeMap::new();
        for (mutant, kills) in &self.kills {
            let files: BTreeSet<&str> =
                kills.iter().map(|kill| &*kill.suite).filter(|suite| !is_derived(suite)).collect();
            if let [file] = *files.into_iter().collect::<Vec<_>>() {
                alone.entry(file).or_default().insert(mutant);
            }
        }
        alone
    }

    /// Cases of files that together kill all that files kill, each of which adds most to those before it.
    pub(crate) fn enough(&self) -> Vec<(&str, &str)> {
        let mut killed_by: BTreeMap<(&str, &str), BTreeSet<&'static str>> = BTreeMap::new();
        for (mutant, kills) in &self.kills {
            for kill in kills.iter().filter(|kill| !is_derived(&kill.suite)) {
                killed_by.entry((&kill.suite, &kill.case)).or_default().insert(mutant);
            }
        }
        let mut enough = Vec::new();
        while let Some((case, killed)) = killed_by
            .iter()
            .rev()
            .max_by_key(|(_, killed)| killed.len())
            .filter(|(_, killed)| !killed.is_empty())
        {
            let (case, killed) = (*case, killed.clone());
            enough.push(case);
            killed_by.values_mut().for_each(|others| others.retain(|mutant| !killed.contains(mutant)));
        }
        enough
    }

    /// What the cases that `of` selects by their name cost and kill.
    pub(crate) fn tally(&self, exchanges: &BTreeMap<String, usize>, of: impl Fn(&str) -> bool) -> Tally {
        let mut tally = Tally::default();
        for (_, cost) in exchanges.iter().filter(|(case, _)| of(case)) {
            tally.cases += 1;
            tally.exchanges += cost;
        }
        let kills = |kill: &Kill| of(&format!("{}/{}", kill.suite, kill.case));
        let killed = self.kills.iter().filter(|(_, all)| all.iter().any(kills));
        tally.kills = killed.map(|(mutant, _)| *mutant).collect();
        tally
    }

    /// The mutants whose own harm no case showed, each with a case that found it at fault for another.
    pub(crate) fn misjudged(&self) -> BTreeMap<&'static str, String> {
        let misjudged = self.kills.iter().filter(|(_, kills)| kills.iter().all(|kill| !kill.for_its_harm));
        let one = misjudged.filter_map(|(mutant, kills)| Some((*mutant, kills.first()?)));
        one.map(|(mutant, kill)| (mutant, format!("{}/{}", kill.suite, kill.case))).collect()
    }
}

/// What some cases cost and kill.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: usize,
    pub(crate) exchanges: usize,
    pub(crate) kills: BTreeSet<&'static str>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.exchanges += other.exchanges;
        self.kills.extend(&other.kills);
    }
}

/// Whether a suite is part of the battery of one of the policies.
pub(crate) fn is_derived(suite: &str) -> bool {
    PREFIXES.iter().any(|prefix| suite.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-')))
}

fn plan(suites: Vec<Suite>) -> Plan {
    let mut plan = Plan::new(suites);
    // Each mutant is run on one thread; several mutants at once are enough.
    plan.jobs = 4;
    plan.tell_passes = false;
    plan
}

fn kill(mutant: &Mutant, result: &CaseResult) -> Option<Kill> {
    if !result.fails() {
        return None;
    }
    let (suite, case) = result.case.split_once('/')?;
    // A case that ended well for another reason than it should shows either harm, and a spoilt cache shows in whatever way
    // the next page is answered.
    let other_harm = matches!(
        (mutant.class, result.verdict),
        (Class::OverExposes, Verdict::OverBlocks) | (Class::OverBlocks, Verdict::OverExposes)
    );
    Some(Kill { suite: suite.to_owned(), case: case.to_owned(), for_its_harm: !other_harm })
}

async fn against(mutant: &'static Mutant, plan: &Arc<Plan>) -> Vec<CaseResult> {
    let sites = Mutants::default();
    let bench = Bench::start(plan.options.clone()).await.expect("a port on loopback");
    let bench = Arc::new(bench.with_in_process(Arc::new(Direct(sites.clone()))));
    let subject = Subject::server(mutant.id, sites.server(mutant));
    results(&bench, plan, subject).await
}

/// What became of every case.
pub(crate) async fn results(bench: &Arc<Bench>, plan: &Arc<Plan>, subject: Subject) -> Vec<CaseResult> {
    let model: Arc<dyn Browser> = Arc::new(bench.model(Profile::Fetch));
    run_subject(bench, plan, &subject, &model).collect().await
}

/// Mutants, asked without a network.
#[derive(Debug)]
struct Direct(Mutants);

impl InProcess for Direct {
    fn answer(&self, to: &Destination, request: &HttpRequest) -> Option<HttpResponse> {
        let Destination::Address(address) = to else { return None };
        let target = &request.url[url::Position::BeforePath..url::Position::AfterQuery];
        let host = match request.url.port() {
            Some(port) => format!("{}:{port}", request.url.host_str()?),
            None => request.url.host_str()?.to_owned(),
        };
        let headers = request.headers.iter().map(|header| (&*header.name, &*header.value));
        let headers = headers.chain([(&b"Host"[..], host.as_bytes())]);
        let answered = self.0.ask(address.port(), &request.method, target, headers)?;
        let headers = answered.headers.into_iter().map(|(name, value)| Header::new(name, value));
        Some(HttpResponse { status: answered.status, headers: headers.collect(), body: answered.body })
    }
}
