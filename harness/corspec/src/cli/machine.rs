//! What this machine has to spare.

use std::fs;

/// How many MiB are free for whatever is started now; nothing where that cannot be told.
pub(super) fn available_memory() -> Option<u32> {
    let told = fs::read_to_string("/proc/meminfo").ok()?;
    let kib = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = kib.trim().strip_suffix("kB")?.trim().parse().ok()?;
    u32::try_from(kib / 1024).ok()
}

/// How many MiB servers may take together: most of what is free, as others need some too.
pub(super) fn memory_for_servers() -> u32 {
    available_memory().map_or(4096, |free| free / 4 * 3).max(512)
}

/// How many threads run at once.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
