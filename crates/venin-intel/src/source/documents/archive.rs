//! Documents of a zip, sorted by name.  Names are labels: nothing is unpacked to disk.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::{Found, MAX_DOCUMENT, Take, Wanted, input_error};
use crate::source::{SourceError, SourceProblem};

/// Most members that are looked at.
const MAX_MEMBERS: usize = 4_000_000;
/// Most bytes that all members may unfold to.
const MAX_TOTAL: u64 = 16 << 30;

pub(super) fn read_archive<R: Read + Seek>(
    what: &str,
    reader: R,
    wanted: &Wanted<'_>,
    take: &mut Take<'_>,
) -> Result<(), SourceError> {
    let mut archive =
        ZipArchive::new(reader).map_err(|error| input_error(wanted, what, error.to_string()))?;
    let mut names = Vec::new();
    for at in 0..archive.len().min(MAX_MEMBERS) {
        match archive.name_for_index(at) {
            Some(Ok(name)) if (wanted.file)(&name) => names.push((name.into_owned(), at)),
            Some(Ok(_)) | None => {}
            Some(Err(error)) => {
                let problem =
                    SourceProblem { what: format!("{what}, member {at}"), error: error.to_string() };
                take(Found::Problem(problem))?;
            }
        }
    }
    names.sort();
    let (mut bytes, mut total) = (Vec::new(), 0_u64);
    for (name, at) in names {
        bytes.clear();
        let read = archive.by_index(at).map_err(|error| error.to_string()).and_then(|member| {
            let limit = MAX_DOCUMENT.min(MAX_TOTAL.saturating_sub(total));
            let count = member.take(limit + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            total = total.saturating_add(count as u64);
            if count as u64 > limit { Err(format!("more than {limit} bytes")) } else { Ok(()) }
        });
        match read {
            Ok(()) => take(Found::Document(&name, &bytes))?,
            Err(error) => {
                let what: String = name.chars().take(200).flat_map(char::escape_debug).collect();
                take(Found::Problem(SourceProblem { what, error }))?;
            }
        }
        if total > MAX_TOTAL {
            let error = format!("the members unfold to more than {MAX_TOTAL} bytes; the rest is not read");
            return take(Found::Problem(SourceProblem { what: what.to_owned(), error }));
        }
    }
    Ok(())
}
