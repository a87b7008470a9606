use log::{Log, Metadata, Record};

/// Takes the place of Rocket's own logger, which writes to stdout: each launch of a server sets its level to the default, if
/// only for a moment.
pub(crate) fn keep() {
    // The first one to set a logger is who sets it.
    drop(log::set_logger(&Silence));
}

struct Silence;

impl Log for Silence {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        false
    }

    fn log(&self, _record: &Record<'_>) {}

    fn flush(&self) {}
}
