//! Every command of `docs/mirrors.md` is run here, in its order, and exits as the page says.

use std::path::Path;

use venin_testkit::TreeServer;

use crate::venin;
use crate::world::World;

#[test]
fn every_command_of_the_guide_does_what_the_guide_says() {
    let world = World::new();
    let root = world.plain_tree();
    let site = TreeServer::start(root.join("web"));
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mirrors.md"));
    let page = page.unwrap();
    let mut journal = String::new();
    let mut count = 0;
    for line in page.lines().filter_map(|line| line.strip_prefix("$ venin ")) {
        let (command, code) = line.split_once("# exits with ").unwrap_or((line, "0"));
        let command = command
            .replace("https://mirror.example/simple", &site.simple_url())
            .replace("/srv/pypi/.venin-clean/PLAN-ID", &journal)
            .replace("/srv/pypi", root.to_str().unwrap())
            .replace("PROJECT", "good");
        let words: Vec<&str> = command.split_whitespace().collect();
        let run = venin(world.folder(), &words);
        assert_eq!(run.code.to_string(), code.trim(), "`{line}`: {run:?}");
        if let Some((_, path)) = run.stdout.lines().find_map(|line| line.split_once("--undo ")) {
            journal = path.to_owned();
        }
        count += 1;
    }
    assert!(count >= 10, "the guide has {count} commands");
}
