//! Which index is the user's own (design, invariant 8).

use std::path::PathBuf;

use venin_report::Problem;

use super::settings::{Configured, Surroundings};
use super::{installed_pip, pip_config, uv_config};
use crate::targets::problem;
use venin_intel::index::{HttpUrl, IndexSettings, mask_credentials};

/// What the command line says about the index.
#[derive(Debug, Clone, Default)]
pub(crate) struct IndexOptions {
    /// `--index-url`.
    pub(crate) index_url: Option<String>,
    /// The index of this program's own configuration, and the file that says so.
    pub(crate) configured: Option<(String, String)>,
}

impl IndexOptions {
    /// Whether the user chose an index for this program, and not only for an installer.
    pub(crate) fn is_chosen(&self, around: &Surroundings) -> bool {
        self.index_url.is_some() || self.configured.is_some() || around.variable("VENIN_INDEX_URL").is_some()
    }
}

/// Finds the index to talk to.
///
/// # Errors
/// Nothing names an index, or what names it is no HTTP URL.
pub(crate) fn find_index(options: &IndexOptions, around: &Surroundings) -> Result<IndexSettings, Problem> {
    let configured = read_configuration(options, around);
    let Some((text, source)) = configured.index else {
        let hint = "pass --index-url URL or set VENIN_INDEX_URL";
        return Err(problem(
            "the package index",
            "no package index is configured and no pip is installed",
            hint,
        ));
    };
    let Some(url) = HttpUrl::parse(&text) else {
        let error = format!("`{}` from {source} is no http or https URL", mask_credentials(&text));
        return Err(problem("the package index", error, "an index URL looks like https://HOST/simple"));
    };
    Ok(IndexSettings {
        url,
        source,
        others: configured.others.iter().map(|other| mask_credentials(other)).collect(),
        certificates: configured.certificates,
        proxy: configured.proxy,
    })
}

/// How servers are reached, whichever they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Way {
    /// A file of PEM certificates to trust instead of those of the system.
    pub(crate) certificates: Option<PathBuf>,
    /// A proxy to use instead of the one in the environment.
    pub(crate) proxy: Option<String>,
}

/// Finds how servers are reached, also where no index is configured.
pub(crate) fn find_way(options: &IndexOptions, around: &Surroundings) -> Way {
    let Configured { certificates, proxy, .. } = read_configuration(options, around);
    Way { certificates, proxy }
}

fn read_configuration(options: &IndexOptions, around: &Surroundings) -> Configured {
    let option = options.index_url.clone().map(|url| (url, "--index-url".to_owned()));
    let own = around.variable("VENIN_INDEX_URL").map(|url| (url.to_owned(), "VENIN_INDEX_URL".to_owned()));
    let certificates = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"].iter().find_map(|name| around.variable(name));
    let mut configured =
        Configured { index: option.or(own).or_else(|| options.configured.clone()), ..Configured::default() };
    let is_explicit = configured.index.is_some();
    configured = configured.or(uv_config::read_environment(around));
    configured = configured.or(pip_config::read_environment(around));
    configured = configured.or(uv_config::read_files(around));
    configured = configured.or(pip_config::read_files(around));
    configured.certificates = configured.certificates.or(certificates.map(PathBuf::from));
    if is_explicit {
        configured.others.clear();
    }
    configured.index = configured.index.or_else(|| installed_pip::find_default(around));
    configured
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(variables: &[(&str, &str)]) -> (tempfile::TempDir, Surroundings) {
        let root = tempfile::tempdir().unwrap();
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let around = Surroundings { variables, root: root.path().to_owned(), ..Surroundings::default() };
        (root, around)
    }

    #[test]
    fn the_option_wins_then_our_variable_then_uv_then_pip() {
        let all = [
            ("VENIN_INDEX_URL", "https://venin.example/simple"),
            ("UV_DEFAULT_INDEX", "https://uv.example/simple"),
            ("PIP_INDEX_URL", "https://pip.example/simple"),
        ];
        let option = IndexOptions {
            index_url: Some("https://option.example/simple".into()),
            ..IndexOptions::default()
        };
        let found = |options: &IndexOptions, variables: &[(&str, &str)]| {
            let (_root, around) = around(variables);
            find_index(options, &around).unwrap().url.to_string()
        };
        assert_eq!(found(&option, &all), "https://option.example/simple");
        assert_eq!(found(&IndexOptions::default(), &all), "https://venin.example/simple");
        assert_eq!(found(&IndexOptions::default(), &all[1..]), "https://uv.example/simple");
        assert_eq!(found(&IndexOptions::default(), &all[2..]), "https://pip.example/simple");
    }

    #[test]
    fn the_configuration_comes_after_our_variable_and_before_the_installers() {
        let configured = Some(("https://file.example/simple".to_owned(), "venin.toml".to_owned()));
        let options = IndexOptions { configured, ..IndexOptions::default() };
        let (_root, with_pip) = around(&[("PIP_INDEX_URL", "https://pip.example/simple")]);
        let settings = find_index(&options, &with_pip).unwrap();
        assert_eq!(
            (settings.url.to_string().as_str(), settings.source.as_str()),
            ("https://file.example/simple", "venin.toml")
        );
        let (_root, with_ours) = around(&[("VENIN_INDEX_URL", "https://venin.example/simple")]);
        assert_eq!(find_index(&options, &with_ours).unwrap().source, "VENIN_INDEX_URL");
    }

    #[test]
    fn without_any_configuration_the_user_is_asked() {
        let (_root, around) = around(&[]);
        let problem = find_index(&IndexOptions::default(), &around).unwrap_err();
        assert!(problem.hint.unwrap().contains("--index-url"));
    }

    #[test]
    fn a_bad_url_is_shown_without_its_password() {
        let (_root, around) = around(&[("PIP_INDEX_URL", "ftp://bob:secret@pip.example/simple")]);
        let problem = find_index(&IndexOptions::default(), &around).unwrap_err();
        assert!(problem.error.contains("PIP_INDEX_URL") && !problem.error.contains("secret"), "{problem:?}");
    }

    #[test]
    fn further_indexes_are_remembered_unless_the_user_chose_one() {
        let variables =
            [("PIP_INDEX_URL", "https://a.example"), ("PIP_EXTRA_INDEX_URL", "https://u:p@b.example/x")];
        let (_root, around) = around(&variables);
        let settings = find_index(&IndexOptions::default(), &around).unwrap();
        assert_eq!(settings.others, ["https://u:***@b.example/x"]);
        let option = IndexOptions { index_url: Some("https://c.example".into()), ..IndexOptions::default() };
        assert!(find_index(&option, &around).unwrap().others.is_empty());
    }
}
