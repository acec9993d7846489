#![no_main]

use gracewatch::wire::dns::Question;
use hickory_resolver::proto::rr::{Name, RecordType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The ID is random, so that an answer has to be told it.
    let question =
        Question::new(Name::from_ascii("kms01.corp.example.").expect("a name"), RecordType::SRV).expect("a question");
    let mut answer = data.to_vec();
    if let (Some(to), Some(id)) = (answer.get_mut(..2), question.bytes().get(..2)) {
        to.copy_from_slice(id);
    }
    let _ = question.answer(&answer);
});
