use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use corspec_process::ServerFolder;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// How far the work is: bars on a terminal, else a line at each beginning and end.
pub(super) struct Progress {
    bars: Option<(MultiProgress, ProgressBar)>,
    due: usize,
    done: AtomicUsize,
}

/// One server that is being set up.
pub(super) struct Task {
    name: String,
    bar: Option<ProgressBar>,
    /// Whether what its commands print is of interest, as nobody else prints anything.
    is_alone: bool,
}

impl Progress {
    pub(super) fn new(due: usize) -> Self {
        let bars = (due > 0 && io::stderr().is_terminal()).then(|| {
            let bars = MultiProgress::new();
            let total = bars.add(ProgressBar::new(due as u64));
            if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} set up") {
                total.set_style(style);
            }
            (bars, total)
        });
        Self { bars, due, done: AtomicUsize::new(0) }
    }

    pub(super) fn begin(&self, folder: &ServerFolder) -> Task {
        let bar = self.bars.as_ref().map(|(bars, total)| {
            let bar = bars.insert_before(total, ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:24} {elapsed:>4} {wide_msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(folder.name.clone());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if bar.is_none() {
            let commands: Vec<_> = folder.setup.iter().map(ToString::to_string).collect();
            anstream::eprintln!("{}: {}", folder.name, commands.join(" && "));
        }
        Task { name: folder.name.clone(), bar, is_alone: self.due == 1 }
    }

    pub(super) fn end(&self, task: &Task, succeeded: bool, took: Duration) {
        let done = self.done.fetch_add(1, Ordering::SeqCst) + 1;
        let what = if succeeded { "set up" } else { "failed" };
        let told =
            format!("{}: {what} after {} ({done} of {})", task.name, super::summary::seconds(took), self.due);
        match (&self.bars, &task.bar) {
            (Some((bars, total)), Some(bar)) => {
                bar.finish_and_clear();
                if !succeeded {
                    // A terminal that cannot be written to shows no progress either.
                    let _ = bars.println(told);
                }
                total.inc(1);
            }
            _ => anstream::eprintln!("{told}"),
        }
    }

    pub(super) fn close(&self) {
        if let Some((_, total)) = &self.bars {
            total.finish_and_clear();
        }
    }
}

impl Task {
    /// A line that one of its commands prints, fit for a terminal.
    pub(super) fn line(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(line.to_owned()),
            None if self.is_alone => anstream::eprintln!("  {line}"),
            None => {}
        }
    }
}
