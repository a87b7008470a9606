//! What judging costs: every server case against the in-process reference, beside a client that sends the same requests
//! and looks at no answer. `cargo bench -p corspec --bench end_to_end`.
//!
//! Both start the servers that the cases need, keep connections, and have the same number of cases under way. corspec
//! also runs each group's controls and reads `/hits`: requests that the plain client has no use for, and that are part of
//! what judging costs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use corspec::builtin;
use corspec::case::{Case, Kind, Suite, Target};
use corspec::perform::{ModelBrowser, Place};
use corspec::record::Line;
use corspec::run::{Bench, Plan, run};
use corspec::subject::Subject;
use corspec::wire::{Client, Destination};
use corspec_browser::{HttpRequest, Profile};
use corspec_protocol::{Answer, Instance, Policy, Server};
use corspec_server_reference::Reference;
use futures_util::{StreamExt, stream};
use url::Url;

fn main() {
    // `cargo test --benches` only wants to see that it works. More rounds would fill the machine's ports with connections
    // that are closed and not yet forgotten, and then it is the kernel's search for a free one that is measured.
    let rounds = if std::env::args().any(|argument| argument == "--bench") { 11 } else { 1 };
    let loading = median(rounds, || timed(|| builtin::suites().expect("cases without mistakes")).0);
    let suites = builtin::suites().expect("cases without mistakes");
    let (files, cases) = (suites.len(), suites.iter().map(|suite| suite.cases.len()).sum::<usize>());
    println!("load      {loading:>10.2?}   {cases} cases in {files} suites");

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let plan = Arc::new(Plan::new(suites));
    let recorded: Vec<Group> = runtime.block_on(record(&plan.suites));
    let served: usize = recorded.iter().map(|group| group.cases.len()).sum();
    let requests: usize =
        recorded.iter().flat_map(|group| &group.cases).map(|case| case.requests.len()).sum();
    let recorded = Arc::new(recorded);

    // Taken in turns, so that whatever else the machine does meets both.
    let mut times: [Vec<Duration>; 2] = Default::default();
    for round in 0..=rounds {
        let mut order = [0, 1];
        order.rotate_left(round % 2);
        for which in order {
            let time = match which {
                0 => runtime.block_on(plain(&recorded, plan.jobs)),
                _ => runtime.block_on(judged(&plan, served)),
            };
            // The first round warms up.
            if round > 0 {
                times[which].push(time);
            }
        }
    }
    let [plain, judged] = times.map(middle);
    let rate = |time: Duration| served as f64 / time.as_secs_f64();
    println!(
        "plain     {plain:>10.2?}   {:>6.0} cases/s, {requests} requests of {served} cases",
        rate(plain)
    );
    println!("corspec   {judged:>10.2?}   {:>6.0} cases/s", rate(judged));
    println!("corspec/plain {:.2}", judged.as_secs_f64() / plain.as_secs_f64());
}

/// The requests of a suite's cases.
struct Group {
    policy: Policy,
    cases: Vec<Sent>,
}

/// What a case sends, each request to one of its servers.
struct Sent {
    own: bool,
    twin: bool,
    requests: Vec<(To, HttpRequest)>,
}

#[derive(Clone, Copy)]
enum To {
    Server,
    Twin,
}

struct Serving {
    url: Url,
    _instance: Instance,
}

impl Serving {
    fn destination(&self) -> Destination {
        Destination::of(&self.url).expect("a server's URL has a host")
    }
}

/// A server under the policy, unless it refuses that.
async fn serve(policy: &Policy) -> Option<Serving> {
    match Reference.serve(Some(policy.clone())).await {
        Answer::Ready(instance) => {
            Some(Serving { url: instance.url.parse().expect("a URL"), _instance: instance })
        }
        _ => None,
    }
}

async fn serve_if(wanted: bool, policy: &Policy) -> Option<Serving> {
    if wanted { serve(policy).await } else { None }
}

fn needs_own(case: &Case) -> bool {
    case.steps.len() > 1 || case.steps.iter().any(|step| step.expect.hits.is_some())
}

fn needs_twin(case: &Case) -> bool {
    case.steps
        .iter()
        .any(|step| matches!(&step.request.target, Target::Path(path) if path.contains("{twin}")))
}

/// Performs every case once, and keeps what was sent.
async fn record(suites: &[Suite]) -> Vec<Group> {
    let browser = ModelBrowser { client: Client::default(), profile: Profile::Fetch };
    let mut groups = Vec::new();
    for suite in suites.iter().filter(|suite| suite.kind == Kind::Server) {
        let policy = suite.policy.clone().expect("a server suite has a policy");
        let Some(server) = serve(&policy).await else { continue };
        let mut cases = Vec::new();
        for case in &suite.cases {
            let (own, twin) = (needs_own(case), needs_twin(case));
            let second = serve_if(twin, &policy).await;
            let place =
                Place::Server { url: &server.url, twin: second.as_ref().map(|twin| &twin.url), public: None };
            let performed = browser.steps(case, place).await;
            let to = |request: &HttpRequest| {
                if request.url.port() == server.url.port() { To::Server } else { To::Twin }
            };
            let requests = performed
                .into_iter()
                .flat_map(|step| step.outcome.exchanges)
                .map(|exchange| (to(&exchange.request), exchange.request))
                .collect();
            cases.push(Sent { own, twin, requests });
        }
        groups.push(Group { policy, cases });
    }
    groups
}

/// Sends the recorded requests.
async fn plain(groups: &Arc<Vec<Group>>, jobs: usize) -> Duration {
    let client = Client::default();
    let started = Instant::now();
    let sending = (0..groups.len()).map(|index| {
        let (groups, client) = (groups.clone(), client.clone());
        async move { tokio::spawn(async move { replay(&groups[index], &client, jobs.min(4)).await }).await }
    });
    let mut sending = stream::iter(sending).buffered(jobs.div_ceil(4));
    while let Some(sent) = sending.next().await {
        sent.expect("no panic");
    }
    started.elapsed()
}

async fn replay(group: &Group, client: &Client, at_once: usize) {
    let server = serve(&group.policy).await.expect("a server");
    let sending: Vec<_> = group
        .cases
        .iter()
        .map(|case| async {
            let own = serve_if(case.own, &group.policy).await;
            let twin = serve_if(case.twin, &group.policy).await;
            let first = own.as_ref().unwrap_or(&server).destination();
            for (to, request) in &case.requests {
                let to = match (to, &twin) {
                    (To::Twin, Some(twin)) => &twin.destination(),
                    _ => &first,
                };
                client.exchange(to, request).await.expect("an answer");
            }
        })
        .collect();
    stream::iter(sending).buffered(at_once).collect::<Vec<()>>().await;
}

/// Runs the cases, and takes the record down.
async fn judged(plan: &Arc<Plan>, served: usize) -> Duration {
    let bench = Arc::new(Bench::start(plan.options.clone()).await.expect("a port on loopback"));
    let subjects = [Subject::server("reference", Reference)];
    let started = Instant::now();
    let mut decided = 0;
    let mut fell_short = BTreeSet::new();
    run(&bench, plan, &subjects, Vec::new(), |line| {
        if let Line::Result(result) = line {
            decided += usize::from(result.outcome.is_some());
            if result.fails() {
                fell_short.insert(result.case.clone());
            }
        }
        true
    })
    .await;
    let time = started.elapsed();
    // A run that did less, or something else, would be compared with what it did not do.
    assert_eq!((decided, fell_short), (served, BTreeSet::new()));
    time
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let done = work();
    (started.elapsed(), done)
}

fn median(rounds: usize, mut time: impl FnMut() -> Duration) -> Duration {
    middle((0..rounds).map(|_| time()).collect())
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
