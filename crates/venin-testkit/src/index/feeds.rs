//! RSS: recent updates, newest packages, and the releases of one project.

use jiff::Timestamp;

use super::simple::escape;
use super::state::{Project, Release, State, normalize};

/// Items of the feed of updates.
const MOST_UPDATES: usize = 100;
/// Items of the other feeds.
const MOST_ITEMS: usize = 40;

impl State {
    /// `/rss/updates.xml`.
    pub(super) fn render_updates(&self) -> String {
        let mut releases: Vec<(&Project, &Release)> = self
            .projects
            .values()
            .flat_map(|project| project.releases.iter().map(move |release| (project, release)))
            .collect();
        releases.sort_by_key(|(_, release)| std::cmp::Reverse(release.created));
        let items = releases.into_iter().take(MOST_UPDATES).map(|(project, release)| Item {
            title: format!("{} {}", project.name, release.version),
            link: self.release_link(project, release),
            is_permanent: false,
            summary: &release.summary,
            date: release.created,
        });
        feed("recent updates", "Recent updates to the index", &self.base, items)
    }

    /// `/rss/packages.xml`.
    pub(super) fn render_newest(&self) -> String {
        let mut projects: Vec<&Project> = self.projects.values().collect();
        projects.sort_by_key(|project| std::cmp::Reverse(project.created));
        let items = projects.into_iter().take(MOST_ITEMS).map(|project| Item {
            title: format!("{} added to PyPI", project.name),
            link: self.project_link(project),
            is_permanent: true,
            summary: project.releases.first().map_or("", |release| release.summary.as_str()),
            date: project.created,
        });
        feed("newest packages", "Newest packages registered at the index", &self.base, items)
    }

    /// `/rss/project/NAME/releases.xml`.
    pub(super) fn render_releases(&self, project: &Project) -> String {
        let mut releases: Vec<&Release> = project.releases.iter().collect();
        releases.sort_by_key(|release| std::cmp::Reverse(release.created));
        let items = releases.into_iter().take(MOST_ITEMS).map(|release| Item {
            title: release.version.clone(),
            link: self.release_link(project, release),
            is_permanent: false,
            summary: &release.summary,
            date: release.created,
        });
        let title = format!("recent updates for {}", project.name);
        feed(
            &title,
            &format!("Recent updates to the index for {}", project.name),
            &self.project_link(project),
            items,
        )
    }

    fn project_link(&self, project: &Project) -> String {
        format!("{}/project/{}/", self.base, normalize(&project.name))
    }

    fn release_link(&self, project: &Project, release: &Release) -> String {
        format!("{}{}/", self.project_link(project), release.version)
    }
}

struct Item<'a> {
    title: String,
    link: String,
    /// Whether the link is the item's `guid` too.
    is_permanent: bool,
    summary: &'a str,
    date: Timestamp,
}

fn feed<'a>(title: &str, about: &str, link: &str, items: impl Iterator<Item = Item<'a>>) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n  <channel>\n    \
         <title>PyPI {}</title>\n    <link>{link}</link>\n    <description>{}</description>\n    \
         <language>en</language>",
        escape(title),
        escape(about)
    );
    for item in items {
        let (title, summary, link) = (escape(&item.title), escape(item.summary), &item.link);
        let guid = if item.is_permanent { format!("      <guid>{link}</guid>\n") } else { String::new() };
        let date = item.date.strftime("%a, %d %b %Y %H:%M:%S GMT");
        text.push_str(&format!(
            "    <item>\n      <title>{title}</title>\n      <link>{link}</link>\n{guid}      \
             <description>{summary}</description>\n      <pubDate>{date}</pubDate>\n    </item>\n"
        ));
    }
    text + "  </channel>\n</rss>\n"
}
