use std::sync::LazyLock;

use corspec_protocol::Server;

use crate::fault::Fault;
use crate::faults;
use crate::server::Specimen;
use crate::style::Style;

/// A server that is right but for one fault.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// Its name, in kebab-case; unique.
    pub id: &'static str,
    /// The harm that it does.
    pub class: Class,
    /// What is wrong, in one sentence.
    pub about: &'static str,
    /// The rows of the catalogue of middleware defects, or the products, that it stands for.
    pub source: &'static str,
    pub(crate) fault: Fault,
}

/// The harm that a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A page that should be blocked may read, or send.
    OverExposes,
    /// A page that is permitted cannot read, or send.
    OverBlocks,
    /// A cache may hand one page the answer that was made for another.
    CachePoisoning,
}

impl Mutant {
    pub(crate) const fn over_exposes(
        id: &'static str,
        about: &'static str,
        source: &'static str,
        fault: Fault,
    ) -> Self {
        Self { id, class: Class::OverExposes, about, source, fault }
    }

    pub(crate) const fn over_blocks(
        id: &'static str,
        about: &'static str,
        source: &'static str,
        fault: Fault,
    ) -> Self {
        Self { id, class: Class::OverBlocks, about, source, fault }
    }

    pub(crate) const fn poisons_caches(
        id: &'static str,
        about: &'static str,
        source: &'static str,
        fault: Fault,
    ) -> Self {
        Self { id, class: Class::CachePoisoning, about, source, fault }
    }

    /// The mutant itself.
    pub fn server(&self) -> impl Server + use<> {
        self.specimen()
    }

    pub(crate) fn specimen(&self) -> Specimen {
        Specimen::new(self.id, self.about, Style::PLAIN, Some(self.fault))
    }
}

/// All mutants, by group of faults.
pub fn mutants() -> &'static [Mutant] {
    static MUTANTS: LazyLock<Vec<Mutant>> = LazyLock::new(|| faults::GROUPS.concat());
    &MUTANTS
}

/// The mutant of that id.
pub fn server(id: &str) -> Option<impl Server + use<>> {
    mutants().iter().find(|mutant| mutant.id == id).map(Mutant::server)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::right_servers;

    #[test]
    fn there_are_enough() {
        assert!(mutants().len() >= 180, "{}", mutants().len());
        assert!(right_servers().len() >= 12, "{}", right_servers().len());
    }

    #[test]
    fn ids_are_unique_and_in_kebab_case() {
        let mut seen = HashSet::new();
        for id in mutants().iter().map(|mutant| mutant.id).chain(right_servers().iter().map(|right| right.id))
        {
            assert!(seen.insert(id), "{id}");
            let kebab =
                id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(kebab && !id.starts_with('-') && !id.ends_with('-') && !id.contains("--"), "{id}");
        }
    }

    #[test]
    fn each_says_what_it_is() {
        for mutant in mutants() {
            assert!(mutant.about.ends_with('.') && !mutant.source.is_empty(), "{}", mutant.id);
        }
    }

    #[test]
    fn is_found_by_its_id() {
        let first = mutants()[0].id;
        assert_eq!(server(first).map(|server| server.hello().name).as_deref(), Some(first));
        assert!(server("no-such-mutant").is_none());
    }
}
