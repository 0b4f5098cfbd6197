//! What `venin mirror` prints as JSON is as the schemas in `docs` say.

use venin_testkit::{Fault, On, TreeServer};

use crate::schema_files::assert_fits;
use crate::venin;
use crate::world::World;

#[test]
fn every_document_about_mirrors_fits_its_schema() {
    let world = World::new();
    let root = world.plain_tree();
    let site = TreeServer::start(root.join("web"));
    let fits = |schema: &str, words: &[&str]| {
        let run = venin(world.folder(), &[words, &["--format", "json"]].concat());
        assert!(run.code != 2, "{run:?}");
        assert_fits(schema, &run.json());
        run.json()
    };
    let config = format!("[mirrors]\nours = \"{}\"\n", site.simple_url());
    std::fs::write(world.folder().join("venin.toml"), config).unwrap();
    fits("mirror-list", &["mirror", "list"]);
    let remote = ["mirror", "audit", "ours", "--control", "good", "--pace", "0"];
    fits("mirror-sweep", &[&remote[..], &["--plan-only"]].concat());
    fits("mirror-audit", &[&remote[..], &["--most", "1"]].concat());
    let rest = fits("mirror-audit", &remote);
    assert!(rest["mirrors"][0]["continued_from"].is_string());
    let full = fits("mirror-audit", &[&remote[..], &["--full", "--restart"]].concat());
    assert_eq!(full["mirrors"][0]["rows"][0]["proof"], "bytes");
    site.fault(On::All, Fault::Status(403));
    let failed = fits("mirror-audit", &[&remote[..], &["--restart"]].concat());
    assert_eq!(failed["mirrors"][0]["control"], "failed");
    site.clear_faults();

    fits("mirror-audit", &["mirror", "audit", "--local", "mirror"]);
    let planned = venin(world.folder(), &["mirror", "clean", "--plan", "mirror", "--output", "plan.json"]);
    assert_eq!(planned.code, 1, "{planned:?}");
    let applied = fits("mirror-clean", &["mirror", "clean", "--apply", "plan.json", "mirror"]);
    fits("mirror-clean", &["mirror", "clean", "--undo", applied["journal"].as_str().unwrap()]);
    for unit in ["project", "release", "file"] {
        fits("mirror-residual", &["mirror", "residual", "--unit", unit]);
    }
}
