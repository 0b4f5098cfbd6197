//! Where samples are looked for, in order: the user's own index, then each mirror and then each host of files that the
//! user named.

use venin_intel::claim::Surface;
use venin_intel::collect::Place;
use venin_intel::index::HttpUrl;

use crate::cli::CollectArgs;
use crate::config::FileConfig;
use crate::diagnostics::{Talk, hinted};
use crate::index::{IndexOptions, Surroundings, find_index, mask_credentials};

/// Where samples are looked for.
pub(super) struct Places {
    /// Indexes, in order.
    pub(super) pages: Vec<Place>,
    /// Hosts of files, which are asked where an address is known.
    pub(super) hosts: Vec<HttpUrl>,
}

impl Places {
    /// Each by a name that is another one where another place is asked.
    pub(super) fn names(&self) -> Vec<String> {
        let pages = self.pages.iter().map(|place| format!("{} {}", place.surface, place.url));
        let hosts = self.hosts.iter().map(|host| format!("{} {host}", Surface::FileHost));
        pages.chain(hosts).collect()
    }
}

/// The index, then the mirrors and hosts of the command line and those of the configuration.
///
/// # Errors
/// A mirror's name or address cannot be, or there is no place at all.
pub(super) fn choose_places(
    args: &CollectArgs,
    config: &FileConfig,
    index: &IndexOptions,
    talk: Talk,
) -> anyhow::Result<Places> {
    let mut places = Vec::new();
    match find_index(index, &Surroundings::of_process()) {
        Ok(settings) => places.push(Place { surface: Surface::Index, url: settings.url }),
        Err(problem) => talk.note(&format!("no index is asked: {}", problem.error)),
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
    let hosts = choose_hosts(args, config)?;
    if places.is_empty() && hosts.is_empty() {
        return Err(hinted(
            "there is no place to get samples from",
            "name --index-url URL, --mirror ID=URL or --file-host URL",
        ));
    }
    Ok(Places { pages: places, hosts })
}

fn choose_hosts(args: &CollectArgs, config: &FileConfig) -> anyhow::Result<Vec<HttpUrl>> {
    let mut hosts = Vec::new();
    for url in args.samples.file_hosts.iter().chain(&config.file_hosts) {
        let host = HttpUrl::parse(url).ok_or_else(|| {
            let message = format!("`{}` is no http or https address", mask_credentials(url));
            hinted(message, "a host of files looks like https://HOST")
        })?;
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    Ok(hosts)
}
