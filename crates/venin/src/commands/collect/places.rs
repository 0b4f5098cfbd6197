//! Where samples are looked for, in order: the user's own index, then each mirror that the user named.

use venin_intel::claim::Surface;
use venin_intel::collect::Place;
use venin_intel::index::HttpUrl;

use crate::cli::CollectArgs;
use crate::config::FileConfig;
use crate::diagnostics::{Talk, hinted};
use crate::index::{IndexOptions, Surroundings, find_index, mask_credentials};

/// The index, the mirrors of the command line and those of the configuration.
///
/// # Errors
/// A mirror's name or address cannot be, or there is no place at all.
pub(super) fn choose_places(
    args: &CollectArgs,
    config: &FileConfig,
    index: &IndexOptions,
    talk: Talk,
) -> anyhow::Result<Vec<Place>> {
    let mut places = Vec::new();
    match find_index(index, &Surroundings::of_process()) {
        Ok(settings) => places.push(Place { surface: Surface::Index, url: settings.url }),
        Err(problem) => talk.note(&format!("only mirrors are asked: {}", problem.error)),
    }
    let of_arguments = args.samples.mirrors.iter().map(|mirror| (&mirror.id, &mirror.url));
    let of_file = config.mirrors.iter();
    for (id, url) in of_arguments.chain(of_file) {
        let surface = format!("mirror:{id}").parse::<Surface>().map_err(|_| {
            hinted(format!("`{}` is no name of a mirror", id.escape_debug()), "letters, digits and dashes")
        })?;
        let parsed = HttpUrl::parse(url).ok_or_else(|| {
            let shown = mask_credentials(url);
            hinted(
                format!("`{shown}` is no http or https address"),
                "a mirror's address looks like https://HOST/simple",
            )
        })?;
        if !places.iter().any(|place: &Place| place.surface == surface) {
            places.push(Place { surface, url: parsed });
        }
    }
    if places.is_empty() {
        return Err(hinted(
            "there is no place to get samples from",
            "name --index-url URL or --mirror ID=URL",
        ));
    }
    Ok(places)
}
