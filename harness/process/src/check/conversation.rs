use corspec_protocol::Policy;

use super::http::{Asked, fetch};
use super::{Check, Live, policy};
use crate::fault::{Breach, Fault};
use crate::link::{Link, Served};
use crate::printable::printable;

/// Whose pages are permitted where somebody's are.
pub(super) const PERMITTED: &str = "https://app.example";

impl Check {
    /// Everything between hello and the end of stdin. An error is a breach that ended the link.
    pub(super) async fn conversation(&mut self, link: &Link) -> Result<(), Fault> {
        let none = self.serve(link, "a policy that permits none", Some(policy(&[]))).await?;
        let any = self.serve(link, "a policy that permits any origin", Some(policy(&["*"]))).await?;
        let cookies = Policy { credentials: true, ..policy(&[PERMITTED]) };
        let cookies = self.serve(link, "a policy with credentials", Some(cookies)).await?;
        let default = self.serve(link, "no policy", None).await?;

        if [&none, &any, &cookies, &default].into_iter().all(Option::is_none) {
            let contract = "a server maps the policies that its middleware can say";
            self.find("serve", "no policy at all can be served", contract, "never ready");
            return Ok(());
        }
        for (live, what, permitted) in [
            (&any, "under the policy that permits any origin", Some(PERMITTED)),
            (&none, "under the policy that permits none", None),
            (&cookies, "under the policy with credentials", Some(PERMITTED)),
            (&default, "under no policy", Some(PERMITTED)),
        ] {
            if let Some(live) = live {
                self.resource(live, what, permitted).await;
            }
        }
        self.hits(link).await?;
        self.two_at_once(link).await?;
        self.many_origins(link).await?;
        let mut lives = [any, cookies, none, default].into_iter().flatten();
        if let Some(first) = lives.next() {
            self.drop(link, &first, lives.next().as_ref()).await?;
        }
        // Soft faults are found where they come up; this is for what came up between.
        match link.over() {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    async fn serve(
        &mut self,
        link: &Link,
        what: &str,
        policy: Option<Policy>,
    ) -> Result<Option<Live>, Fault> {
        self.report.checked += 1;
        let asked = serde_json::to_string(&policy).unwrap_or_default();
        match link.serve(policy).await {
            Ok(Served::Ready { seq, url, text }) => return Ok(Some(Live { seq, url, text })),
            Ok(Served::Unsupported { reason, .. }) => {
                self.note(format!("{what} is unsupported: {}", printable(&reason, 300)));
            }
            Ok(Served::Refused { reason }) => {
                self.note(format!("{what} is refused: {}", printable(&reason, 300)));
            }
            Ok(Served::Failed { message }) => {
                let contract = format!(
                    "ready, or unsupported where the middleware cannot say {}, or refused where it rejects it",
                    printable(&asked, 300)
                );
                let problem = format!("{what} made the server fail");
                self.find("serve", &problem, &contract, printable_lines(&message));
            }
            Err(fault) if link.over().is_some() => return Err(fault),
            Err(fault) => {
                let contract = "`ready` names http://127.0.0.1:PORT, one for each policy, where it listens";
                self.find("serve", &format!("{what} is not served"), contract, fault);
            }
        }
        Ok(None)
    }

    /// Two policies asked for before the first answer: each answer belongs to its own question.
    async fn two_at_once(&mut self, link: &Link) -> Result<(), Fault> {
        let [one, two] = ["https://one.example", "https://two.example"];
        self.report.checked += 1;
        let (first, second) =
            tokio::join!(link.serve(Some(policy(&[one]))), link.serve(Some(policy(&[two]))),);
        let mut ready = Vec::new();
        for served in [first, second] {
            match served {
                Ok(Served::Ready { seq, url, text }) => ready.push(Live { seq, url, text }),
                Ok(_) => {}
                Err(fault) if link.over().is_some() => return Err(fault),
                Err(fault) => {
                    let contract = "many policies are live at once, each on its own url";
                    self.find("serve", "two policies at once are not both served", contract, fault);
                }
            }
        }
        let [first, second] = &ready[..] else { return Ok(()) };
        // A middleware that permits too much or too little is not judged here, but one policy that permits
        // exactly what the other one asked for is an answer under the wrong number.
        let permits = [
            self.permits(first, one).await && !self.permits(first, two).await,
            self.permits(first, two).await && !self.permits(first, one).await,
            self.permits(second, one).await && !self.permits(second, two).await,
        ];
        if permits == [false, true, true] {
            let came = format!(
                "the policy for {one} is at {}, and was announced at {}",
                printable(&second.text, 80),
                printable(&first.text, 80)
            );
            let contract = "answers are matched by `seq`, in whatever order they come";
            self.find("seq", "two answers bear each other's `seq`", contract, came);
        }
        for live in &ready {
            drop_policy(link, live.seq).await?;
        }
        Ok(())
    }

    async fn permits(&self, live: &Live, origin: &'static str) -> bool {
        let response = fetch(&live.url, &Asked::get("/resource").header("origin", origin), self.limit).await;
        response.is_ok_and(|response| {
            response.header("access-control-allow-origin").is_some_and(|permitted| permitted == origin)
        })
    }

    /// A line that is longer than what a pipe or a careless reader holds at once.
    async fn many_origins(&mut self, link: &Link) -> Result<(), Fault> {
        let origins: Vec<_> = (0..4000).map(|number| format!("https://app{number}.example")).collect();
        let long = Policy { origins, ..policy(&[]) };
        match self.serve(link, "a policy with 4000 origins", Some(long)).await? {
            Some(live) => drop_policy(link, live.seq).await,
            None => Ok(()),
        }
    }

    async fn drop(&mut self, link: &Link, first: &Live, other: Option<&Live>) -> Result<(), Fault> {
        self.report.checked += 1;
        let contract = "after `dropped` nothing listens at that url, and every other policy stays live";
        drop_policy(link, first.seq).await?;
        if first.url.connect().await.is_ok() {
            let came = printable(&first.text, 80);
            self.find("drop", "the server still listens where it stopped", contract, came);
        }
        if let Some(other) = other
            && let Err(error) = other.url.connect().await
        {
            let came = format!("{}: {error}", printable(&other.text, 80));
            self.find("drop", "another policy went with the one that was dropped", contract, came);
        }
        Ok(())
    }

    pub(super) async fn serve_quietly(&self, link: &Link, policy: Policy) -> Result<Option<Live>, Fault> {
        match link.serve(Some(policy)).await {
            Ok(Served::Ready { seq, url, text }) => Ok(Some(Live { seq, url, text })),
            Err(fault) if link.over().is_some() => Err(fault),
            _ => Ok(None),
        }
    }
}

/// A policy that could not be dropped is found once, at the end.
pub(super) async fn drop_policy(link: &Link, seq: u64) -> Result<(), Fault> {
    match link.drop_policy(seq).await {
        Err(fault) if !matches!(fault.breach, Breach::DropFailed { .. }) => Err(fault),
        _ => Ok(()),
    }
}

fn printable_lines(text: &str) -> String {
    text.lines().map(|line| printable(line, 300)).collect::<Vec<_>>().join("\n")
}
