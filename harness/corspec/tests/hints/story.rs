//! Four mistakes that everybody makes once: each is named for what it is, and the hint that is printed beside it mends it.

use corspec::own::Cause;
use corspec::own::report::{Look, human};
use libtest_mimic::{Completion, Failed};

use super::program::{Run, start};
use super::{Outcome, ask, is_right, template};

/// A program with a mistake. Lines that end in the word `mistake` make room for the hint.
pub struct Story {
    pub name: &'static str,
    pub file: &'static str,
    pub run: Run,
    pub cause: Cause,
    /// What the report says of it, beside its cause.
    pub says: &'static str,
    /// The framework that its answers give away.
    pub framework: &'static str,
}

pub const ALL: [Story; 4] = [
    Story {
        name: "express: cors below the routes",
        file: "story-express.cjs",
        run: Run::Node("express-cors"),
        cause: Cause::AnsweredBeforeCors,
        says: "app.use(cors(…)) stands below the routes",
        framework: "express",
    },
    Story {
        name: "fastapi: any origin with credentials",
        file: "story-fastapi.py",
        run: Run::Python("fastapi"),
        cause: Cause::AnyOriginReflected,
        says: "allow_origins=[\"*\"] with allow_credentials=True",
        framework: "fastapi",
    },
    Story {
        name: "spring: the login comes before the preflight",
        file: "StorySpring.java",
        run: Run::Java("spring-security"),
        cause: Cause::PreflightNeedsLogin,
        says: "http.cors(withDefaults()) is missing in your SecurityFilterChain",
        framework: "spring-security",
    },
    Story {
        name: "nginx: add_header without always",
        file: "story-nginx.conf",
        run: Run::Product("/usr/sbin/nginx", &["-c", "{file}"]),
        cause: Cause::ErrorsWithoutOrigin,
        says: "`always` is missing at the end of add_header",
        framework: "nginx",
    },
];

impl Story {
    pub fn test(&self) -> Result<Completion, Failed> {
        let wrong = match self.tell(None)? {
            Outcome::Checked(checked, _) => checked,
            Outcome::Unavailable(reason) => return Ok(Completion::ignored_with(reason)),
        };
        let text = human(&wrong, &Look::default());
        let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let worst = wrong.findings.first().map(|finding| finding.cause);
        if worst != Some(self.cause) || !said.contains(self.says) {
            return Err(format!("{} first, and \"{}\", should be in\n{text}", self.cause, self.says).into());
        }
        if wrong.framework.map(corspec::own::Framework::name) != Some(self.framework) {
            return Err(format!("it is {}, and {:?} was recognised", self.framework, wrong.framework).into());
        }
        let Outcome::Checked(mended, log) = self.tell(wrong.hint.as_deref())? else {
            return Err("it ran a moment ago".into());
        };
        is_right(&mended, &[], &log)
    }

    /// Runs it as it is, or with the hint in place of the mistake.
    fn tell(&self, hint: Option<&str>) -> Result<Outcome, Failed> {
        let is_mistake = |line: &&str| line.trim_end().ends_with("mistake");
        let text = template(self.file, hint.unwrap_or_default());
        let text: Vec<&str> = text.lines().filter(|line| hint.is_none() || !is_mistake(line)).collect();
        ask(
            start(self.run, self.file, "/items", |folder, port| {
                super::placed(&text.join("\n"), folder, port)
            }),
            "/items",
        )
    }
}
