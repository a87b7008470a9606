//! `corspec judge`: a line in, an answer out, whatever the line is.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut output = Vec::new();
    corspec::judge::judge(data, &mut output).expect("reading and writing memory does not fail");
    let is_question = |line: &&[u8]| !line.iter().all(u8::is_ascii_whitespace);
    let questions = data.split(|&byte| byte == b'\n').filter(is_question).count();
    let answers: Vec<&[u8]> = output.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(answers.len(), questions, "one answer a line");
    for answer in answers {
        serde_json::from_slice::<serde_json::Value>(answer).expect("an answer is JSON");
        assert!(!answer.contains(&0x1b), "no escape reaches a terminal");
    }
});
