/// The version of a package's dependency, as a `Cargo.lock` pins it.
///
/// A [`Hello`](crate::Hello) names real versions; the lock file is the one place that never goes stale:
///
/// ```
/// # let lock = r#"
/// # [[package]]
/// # name = "mine"
/// # version = "0.1.0"
/// # dependencies = [
/// #  "axum",
/// # ]
/// # [[package]]
/// # name = "axum"
/// # version = "0.8.9"
/// # "#;
/// // let lock = include_str!("../../../Cargo.lock");
/// assert_eq!(corspec_protocol::locked_version(lock, "mine", "axum"), Some("0.8.9"));
/// ```
pub fn locked_version<'a>(lock: &'a str, package: &str, dependency: &str) -> Option<&'a str> {
    let block = block_of(lock, package)?;
    let named = block.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    let mut words = named.map(str::split_ascii_whitespace).find_map(|mut words| {
        let is_it = words.next() == Some(dependency);
        is_it.then_some(words)
    })?;
    // Cargo writes the version beside the name where the lock file holds several of that name.
    words.next().or_else(|| value_of(block_of(lock, dependency)?, "version"))
}

fn block_of<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    lock.split("[[package]]").find(|block| value_of(block, "name") == Some(package))
}

fn value_of<'a>(block: &'a str, key: &str) -> Option<&'a str> {
    block.lines().find_map(|line| {
        let (name, value) = line.split_once(" = ")?;
        (name == key).then(|| value.trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const LOCK: &str = r#"version = 4

[[package]]
name = "axum"
version = "0.8.9"
dependencies = [
 "tower-http 0.6.11",
]

[[package]]
name = "mine"
version = "0.1.0"
dependencies = [
 "axum",
 "tower-http 0.7.1",
]

[[package]]
name = "tower-http"
version = "0.6.11"

[[package]]
name = "tower-http"
version = "0.7.1"
"#;

    #[rstest]
    #[case::the_only_one("mine", "axum", Some("0.8.9"))]
    #[case::one_of_two("mine", "tower-http", Some("0.7.1"))]
    #[case::the_other_one("axum", "tower-http", Some("0.6.11"))]
    #[case::not_direct("axum", "mine", None)]
    #[case::no_such_package("theirs", "axum", None)]
    fn finds(#[case] package: &str, #[case] dependency: &str, #[case] version: Option<&str>) {
        assert_eq!(locked_version(LOCK, package, dependency), version);
    }
}
