use corspec_protocol::{Hello, locked_version};

/// Who is under test. The versions are those of the lock file.
pub struct Identity {
    /// The name of the server; its package is `corspec-server-NAME`.
    pub name: &'static str,
    /// The crate of the framework.
    pub framework: &'static str,
    /// The crate that the middleware stands in: the framework's own, or one that it or the package depends on.
    pub middleware: &'static str,
    /// The crate that runs it all.
    pub runtime: &'static str,
    /// Where the middleware is documented.
    pub homepage: &'static str,
    /// Where its bugs are reported.
    pub issues: &'static str,
    /// The text of the package's `Cargo.lock`.
    pub lock: &'static str,
}

impl Identity {
    pub(crate) fn hello(&self) -> Hello {
        Hello {
            language: Some("rust".into()),
            framework: self.locked(self.framework),
            middleware: self.locked(self.middleware),
            runtime: self.locked(self.runtime),
            homepage: Some(self.homepage.into()),
            issues: Some(self.issues.into()),
            ..Hello::new(self.name)
        }
    }

    fn locked(&self, name: &str) -> Option<String> {
        let package = format!("corspec-server-{}", self.name);
        let version = locked_version(self.lock, &package, name)
            .or_else(|| locked_version(self.lock, self.framework, name))?;
        Some(format!("{name} {version}"))
    }
}
