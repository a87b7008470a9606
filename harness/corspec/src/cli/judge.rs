//! `corspec judge`

use std::io::{self, BufWriter, ErrorKind};

use super::{Ending, Failure};

pub(super) fn execute() -> Result<Ending, Failure> {
    match corspec::judge::judge(io::stdin().lock(), BufWriter::new(io::stdout().lock())) {
        Ok(true) => Ok(Ending::AsExpected),
        Ok(false) => Ok(Ending::WrongInput),
        // Whoever reads our answers has had enough of them.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Ending::AsExpected),
        Err(error) => Err(Failure::broken(error)),
    }
}
