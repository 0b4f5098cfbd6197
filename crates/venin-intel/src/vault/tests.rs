//! What must stay true of the vault.

use super::*;
use crate::claim::Moment;

const SAMPLE: &[u8] = b"import os  # an inert sample that only says: print('word')\n";

fn origin(version: &str, place: &str) -> Origin {
    let subject = Subject::project("some-name").unwrap().with_version(version).unwrap();
    Origin { subject, source: "tree".into(), place: place.into(), at: Moment::from_seconds(1) }
}

#[test]
fn a_sample_comes_back_to_the_byte_and_lies_nowhere_in_its_own_form() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    let (digest, stored) = vault.store(SAMPLE, &origin("1", "a")).unwrap();
    assert_eq!(stored, Stored::New);
    assert_eq!(vault.read(digest).unwrap(), SAMPLE);
    let mut files = vec![folder.path().to_owned()];
    let mut seen = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(list(&path).unwrap());
        } else {
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(9).any(|window| window == b"import os"), "{}", path.display());
            seen += 1;
        }
    }
    assert_eq!(seen, 3);
}

#[test]
fn the_container_opens_with_the_customary_password_and_with_no_other() {
    let container = seal::seal(Digest::of(SAMPLE), SAMPLE).unwrap();
    assert_eq!(seal::open(&container).unwrap(), SAMPLE);
    let mut archive = zip::ZipArchive::new(io::Cursor::new(&container)).unwrap();
    assert!(archive.by_index(0).is_err(), "not without a password");
    assert!(archive.by_index_decrypt(0, b"wrong").is_err());
    let member = archive.by_index_raw(0).unwrap();
    assert_eq!(member.unix_mode().unwrap() & 0o111, 0, "no run bit");
}

#[test]
fn the_same_bytes_are_kept_once_with_every_place_they_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    let (digest, _) = vault.store(SAMPLE, &origin("1", "a")).unwrap();
    assert_eq!(vault.store(SAMPLE, &origin("2", "b")).unwrap(), (digest, Stored::NewOrigin));
    assert_eq!(vault.store(SAMPLE, &origin("2", "b")).unwrap(), (digest, Stored::Known));
    assert_eq!(vault.digests().unwrap(), [digest]);
    assert_eq!(vault.provenance(digest).unwrap().origins.len(), 2);
    let release = |version: &str| Subject::project("some-name").unwrap().with_version(version).unwrap();
    assert_eq!(vault.of_release(&release("2")).unwrap(), [digest]);
    assert!(vault.of_release(&release("3")).unwrap().is_empty());
}

#[test]
fn a_note_knows_the_address_of_the_file_and_an_older_one_learns_it() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    let (digest, _) = vault.store(SAMPLE, &origin("1", "a")).unwrap();
    let blake2 = Some(Blake2::of(SAMPLE));
    let provenance = vault.provenance(digest).unwrap();
    assert_eq!(provenance.blake2, blake2);
    let older = Provenance { blake2: None, ..provenance }.render();
    assert!(!older.contains("blake2"));
    fs::write(vault.paths(digest).1, older).unwrap();
    assert_eq!(vault.provenance(digest).unwrap().blake2, None);
    assert_eq!(vault.store(SAMPLE, &origin("1", "a")).unwrap().1, Stored::Known);
    assert_eq!(vault.provenance(digest).unwrap().blake2, blake2);
}

#[test]
fn a_damaged_sample_is_named_and_the_others_are_still_read() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    let (good, _) = vault.store(SAMPLE, &origin("1", "a")).unwrap();
    let (bad, _) = vault.store(b"another", &origin("2", "a")).unwrap();
    let (swapped, _) = vault.store(b"a third", &origin("3", "a")).unwrap();
    fs::write(vault.paths(bad).0, b"PK nonsense").unwrap();
    fs::copy(vault.paths(good).0, vault.paths(swapped).0).unwrap();
    let wrong = vault.verify(|_| {}).unwrap();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(vault.read(swapped).unwrap_err().to_string().contains("other bytes"));
    assert!(vault.read(good).is_ok());
    assert_eq!(vault.store(b"another", &origin("2", "a")).unwrap(), (bad, Stored::New), "mended");
    assert!(vault.read(bad).is_ok());
    assert!(matches!(vault.read(Digest::of(b"never")), Err(VaultError::Absent(_))));
}

#[test]
fn a_draft_that_a_killed_program_left_goes_away_and_a_young_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    Vault::open(folder.path()).unwrap();
    let drafts = folder.path().join("drafts");
    for (name, age) in [("old", 2), ("young", 0)] {
        let draft = fs::File::create(drafts.join(name)).unwrap();
        draft.set_modified(std::time::SystemTime::now() - DRAFT_LIFE * age).unwrap();
    }
    let vault = Vault::open(folder.path()).unwrap();
    assert_eq!(list(&drafts).unwrap(), [drafts.join("young")]);
    assert!(vault.digests().unwrap().is_empty());
}

#[test]
fn a_sample_is_in_the_vault_only_with_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    let (digest, _) = vault.store(SAMPLE, &origin("1", "a")).unwrap();
    // As after a kill between the two files.
    fs::remove_file(vault.paths(digest).0).unwrap();
    assert!(vault.digests().unwrap().is_empty() && vault.verify(|_| {}).unwrap().is_empty());
    assert_eq!(vault.store(SAMPLE, &origin("1", "a")).unwrap(), (digest, Stored::New));
    assert_eq!(vault.provenance(digest).unwrap().origins.len(), 1);
}

#[test]
fn an_exported_sample_is_still_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(&folder.path().join("vault")).unwrap();
    let (digest, _) = vault.store(SAMPLE, &origin("1", "a")).unwrap();
    let path = vault.export(digest, &folder.path().join("out")).unwrap();
    assert_eq!(seal::open(&fs::read(path).unwrap()).unwrap(), SAMPLE);
}

proptest::proptest! {
    #[test]
    fn no_container_makes_the_vault_panic(mut at in 0usize..400, byte: u8, cut in 0usize..400) {
        static SEALED: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let mut container = SEALED.get_or_init(|| seal::seal(Digest::of(SAMPLE), SAMPLE).unwrap()).clone();
        at %= container.len();
        container[at] = byte;
        container.truncate(container.len() - cut % container.len());
        let _ = seal::open(&container);
    }
}
