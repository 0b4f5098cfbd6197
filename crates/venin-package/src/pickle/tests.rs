//! Pickles and what is read of them.

use proptest::prelude::*;

use super::*;

fn source(bytes: &[u8]) -> String {
    parse_pickle(bytes).source
}

#[test]
fn a_reduce_of_the_text_protocol_is_a_call() {
    let reading = read_pickle(b"cos\nsystem\n(S'echo hello'\ntR.").unwrap();
    assert_eq!(reading.source, "import os\n_0 = os.system('echo hello')\n");
    assert_eq!(reading.imports, ["os.system"]);
    assert_eq!(reading.calls, ["os.system"]);
    assert!(reading.is_whole && !reading.is_cut);
}

#[test]
fn a_stack_global_with_frames_and_memo_is_a_call() {
    let pickle = b"\x80\x04\x95\x2a\0\0\0\0\0\0\0\x8c\x08builtins\x94\x8c\x04exec\x94\x93\x94\x8c\x08print(1)\x94\x85\x94R\x94.";
    assert_eq!(source(pickle), "_0 = exec('print(1)')\n");
}

#[test]
fn inst_and_obj_call_their_class() {
    assert_eq!(source(b"(S'echo a'\nios\nsystem\n."), "import os\n_0 = os.system('echo a')\n");
    assert_eq!(source(b"(cos\nsystem\nS'echo b'\no."), "import os\n_0 = os.system('echo b')\n");
}

#[test]
fn results_flow_into_later_calls() {
    let pickle = b"c__builtin__\ngetattr\n(c__builtin__\n__import__\n(S'os'\ntRS'system'\ntR(S'echo'\ntR.";
    let text = "_0 = __import__('os')\n_1 = getattr(_0, 'system')\n_2 = _1('echo')\n";
    assert_eq!(source(pickle), text);
}

#[test]
fn build_hands_over_a_state() {
    let pickle = b"cpkg\nmake\n)R(S'command'\nS'echo'\ndb.";
    assert_eq!(
        source(pickle),
        "import pkg\n_0 = pkg.make()\n_0.__setstate__({'command': 'echo'})\n".replace("_0._", "_1 = _0._")
    );
}

#[test]
fn plain_types_leave_no_calls() {
    // A date, an ordered dictionary and an array of one element, as pickle writes them.
    for pickle in [
        &b"\x80\x03cdatetime\ndate\nq\0C\x04\x07\xe8\x01\x01q\x01\x85q\x02Rq\x03."[..],
        b"\x80\x02ccollections\nOrderedDict\nq\0)Rq\x01(K\x01K\x02u.",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85c_codecs\nencode\nX\x01\0\0\0bX\x06\0\0\0latin1\x86R\x87R(K\x01K\x01\x85cnumpy\ndtype\nX\x02\0\0\0f8\x89\x88\x87R(K\x03X\x01\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89c_codecs\nencode\nX\x08\0\0\0abcdefghX\x06\0\0\0latin1\x86Rtb.",
    ] {
        let reading = read_pickle(pickle).unwrap();
        assert_eq!(reading.source, "");
        assert!(reading.is_whole && reading.calls.is_empty());
        assert!(reading.facts("a.pkl").is_empty());
    }
}

#[test]
fn what_ran_before_an_error_is_kept() {
    let reading = read_pickle(b"\x80\x02cos\nsystem\nX\x04\0\0\0echo\x85R\xff\xff").unwrap();
    assert_eq!(reading.calls, ["os.system"]);
    assert!(!reading.is_whole);
}

#[test]
fn pickles_in_a_row_are_all_read() {
    let reading = parse_pickle(b"\x80\x02K\x01.\x80\x02cos\ngetcwd\n)R.");
    assert_eq!(reading.calls, ["os.getcwd"]);
}

#[test]
fn names_that_are_no_identifiers_cannot_write_code() {
    let reading = parse_pickle(b"cos;print(1)#\nsystem\n)R.");
    assert_eq!(reading.source, "_0 = getattr(__import__('os;print(1)#'), 'system')()\n");
}

#[test]
fn other_files_are_no_pickles() {
    for bytes in [
        &b""[..],
        b"c",
        b"class A:\n    pass\n",
        b"(a) text.",
        b"\x80\x04",
        b"cos\nsystem\nand so on.",
        b"[1, 2]",
        b"{}",
    ] {
        assert_eq!(read_pickle(bytes), None, "{bytes:?}");
    }
}

#[test]
fn a_list_that_holds_itself_is_written_to_a_depth() {
    let reading = parse_pickle(b"cos\nsystem\n]q\0h\0a\x85R.");
    assert!(reading.source.contains("[[["), "{}", reading.source);
}

#[test]
fn a_fan_of_shared_lists_stays_within_the_budget() {
    let mut pickle = b"cos\nsystem\n]q\0".to_vec();
    for n in 0..20u8 {
        pickle.extend([b'(']);
        pickle.extend([b'h', n].repeat(200));
        pickle.extend([b'l', b'q', n + 1]);
    }
    pickle.extend(b"\x85R.");
    let reading = parse_pickle(&pickle);
    assert!(reading.is_cut && reading.source.len() < 64 << 20);
}

#[test]
fn what_follows_the_bytes_of_an_array_is_read() {
    let wrapper = b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(X\x05\0\0\0shapeK\x02\x85\
        X\x05\0\0\0dtypecnumpy\ndtype\nX\x02\0\0\0f8\x85R\
        X\x1b\0\0\0numpy_array_alignment_bytesK\x10ub\x03\xff\xff\xff";
    let pickle = [&wrapper[..], &[0xfe; 16], b"0cos\ngetcwd\n)R."].concat();
    let reading = read_pickle(&pickle).unwrap();
    assert_eq!(reading.calls, ["os.getcwd"]);
    assert!(reading.is_whole);
}

proptest! {
    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_pickle(&bytes);
        let reading = parse_pickle(&bytes);
        prop_assert!(reading.calls.len() <= reading.imports.len());
    }

    #[test]
    fn any_program_of_opcodes_gives_an_answer(ops in proptest::collection::vec(
        proptest::sample::select(&b"(.012INJKR)]}tlduseabo\x85\x86\x87\x88\x91\x8f\x90\x93\x94\x81\x92h\0q\0cos\nsystem\n"[..]), 0..300)) {
        let _ = parse_pickle(&ops);
    }
}

#[test]
fn what_a_memo_gives_to_many_calls_is_not_copied_without_end() {
    let mut calls = [b"(".as_slice(), &b"K\x01".repeat(50_000), b"tq\0cos\nsystem\nq\x01"].concat();
    calls.extend(b"h\x01h\0R0".repeat(16_000));
    let mut names = [b"X".as_slice(), &100_000_u32.to_le_bytes(), &[b'a'; 100_000], b"q\0"].concat();
    names.extend(b"h\0h\0\x930".repeat(16_000));
    assert!(parse_pickle(&calls).is_cut);
    assert_eq!(parse_pickle(&names).imports, Vec::<String>::new());
}
