//! A question to a nameserver, and which messages answer it (RFC 1035, section 4; EDNS as RFC 6891 has it).

use hickory_resolver::proto::ProtoError;
use hickory_resolver::proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::proto::serialize::binary::DecodeError;

/// The longest answer over UDP, in bytes, which no network on the way must divide (RFC 9715).
pub const MAX_DATAGRAM: u16 = 1232;

/// The longest answer over UDP to a question without EDNS, in bytes (RFC 1035, section 4.2.1).
pub const MAX_PLAIN_DATAGRAM: usize = 512;

/// The header of a message, in bytes (RFC 1035, section 4.1.1).
const HEADER: usize = 12;

/// One question in a message of its own.
#[derive(Debug)]
pub struct Question {
    query: Query,
    /// Random, so that whoever does not see the question cannot answer it.
    id: u16,
    bytes: Vec<u8>,
}

impl Question {
    /// Asks for the records of a type at a name, and offers EDNS.
    ///
    /// # Errors
    /// Where the library cannot encode the name.
    pub fn new(name: Name, record_type: RecordType) -> Result<Self, ProtoError> {
        let mut edns = Edns::new();
        edns.set_max_payload(MAX_DATAGRAM);
        Self::with(name, record_type, Some(edns))
    }

    /// The same without EDNS, as clients ask.
    ///
    /// # Errors
    /// Where the library cannot encode the name.
    pub fn plain(name: Name, record_type: RecordType) -> Result<Self, ProtoError> {
        Self::with(name, record_type, None)
    }

    fn with(name: Name, record_type: RecordType, edns: Option<Edns>) -> Result<Self, ProtoError> {
        let query = Query::query(name, record_type);
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        message.add_query(query.clone());
        message.edns = edns;
        let bytes = message.to_vec()?;
        Ok(Self { query, id: message.id, bytes })
    }

    /// The message.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads what was received. `None` where it does not answer this question: whoever sent it, the answer is still to
    /// come.
    ///
    /// # Errors
    /// Where it bears the ID of the question and is no message.
    pub fn answer(&self, received: &[u8]) -> Result<Option<Message>, DecodeError> {
        if received.first_chunk().copied().map(u16::from_be_bytes) != Some(self.id) {
            return Ok(None);
        }
        if let Some(code) = bare_error(received) {
            return Ok(Some(Message::error_msg(self.id, OpCode::Query, code)));
        }
        let message = match Message::from_vec(received) {
            // It may be cut off in the middle of a record.
            Err(_) if is_cut_off(received) => {
                let mut message = Message::response(self.id, OpCode::Query);
                message.metadata.truncation = true;
                return Ok(Some(message));
            }
            read => read?,
        };
        let is_answer = message.message_type == MessageType::Response && message.queries == [self.query.clone()];
        Ok(is_answer.then_some(message))
    }
}

/// Whether an answer says of itself that it is cut off.
fn is_cut_off(received: &[u8]) -> bool {
    const ANSWER_CUT_OFF: u8 = 0x82;
    received.get(2).is_some_and(|flags| flags & ANSWER_CUT_OFF == ANSWER_CUT_OFF)
}

/// The error of an answer that is a header and repeats no question, as servers send that could not read it. What its
/// header counts may be what the question counted.
fn bare_error(received: &[u8]) -> Option<ResponseCode> {
    let header: &[u8; HEADER] = received.first_chunk()?;
    let [_, _, flags, code, questions @ ..] = header;
    let is_bare = received.len() == HEADER || questions.starts_with(&[0, 0]);
    let code = ResponseCode::from_low(*code);
    let is_error =
        matches!(code, ResponseCode::FormErr | ResponseCode::ServFail | ResponseCode::NotImp | ResponseCode::Refused);
    (flags & 0x80 != 0 && is_bare && is_error).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        Question::new(Name::from_ascii("kms01.corp.example.").unwrap(), RecordType::A).unwrap()
    }

    /// The answer to a question without any record, changed as given.
    fn answer(question: &Question, change: impl FnOnce(&mut Message)) -> Vec<u8> {
        let mut message = Message::from_vec(question.bytes()).unwrap().into_response();
        change(&mut message);
        message.to_vec().unwrap()
    }

    #[test]
    fn a_question_is_exactly_these_bytes() {
        let question = question();
        let expected = [
            &question.id.to_be_bytes(),
            b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01".as_slice(),
            b"\x05kms01\x04corp\x07example\x00\x00\x01\x00\x01",
            b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00",
        ];
        assert_eq!(question.bytes(), expected.concat());
        let plain = Question::plain(Name::from_ascii("kms01.corp.example.").unwrap(), RecordType::A).unwrap();
        let (id, name) = (plain.id.to_be_bytes(), expected[2]);
        assert_eq!(plain.bytes(), [&id, b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00".as_slice(), name].concat());
    }

    #[test]
    fn an_error_need_not_repeat_the_question() {
        let question = question();
        for (code, expected) in [(1, ResponseCode::FormErr), (4, ResponseCode::NotImp), (5, ResponseCode::Refused)] {
            // The header as the question has it, and with every count at zero.
            for counts in [&question.bytes()[4..12], &[0; 8]] {
                let header = [&question.bytes()[..2], &[0x81, code], counts].concat();
                let answer = question.answer(&header).unwrap().unwrap();
                assert_eq!(answer.response_code, expected);
            }
        }
        let no_errors = [
            // It is a question, another server's answer, and an answer that says nothing.
            [&question.bytes()[..2], &[0x01, 1], &[0; 8]].concat(),
            [[!question.bytes()[0], question.bytes()[1], 0x81, 1].as_slice(), &[0; 8]].concat(),
            [&question.bytes()[..2], &[0x81, 0], &[0; 8]].concat(),
        ];
        for received in no_errors {
            assert!(question.answer(&received).unwrap().is_none(), "{received:x?}");
        }
    }

    #[test]
    fn only_the_answer_to_a_question_is_taken_for_it() {
        let question = question();
        assert!(question.answer(&answer(&question, |_| ())).unwrap().is_some());
        let another = || Query::query(Name::from_ascii("kms02.corp.example.").unwrap(), RecordType::A);
        let no_answers = [
            answer(&question, |message| message.metadata.id = !message.metadata.id),
            answer(&question, |message| message.metadata.message_type = MessageType::Query),
            answer(&question, |message| message.queries = vec![another()]),
            answer(&question, |message| message.queries.clear()),
            Vec::new(),
        ];
        for received in no_answers {
            assert!(question.answer(&received).unwrap().is_none(), "{received:x?}");
        }
    }

    #[test]
    fn an_answer_that_is_cut_short_is_no_message() {
        let question = question();
        let mut whole = answer(&question, |_| ());
        for length in 2..whole.len() {
            assert!(!matches!(question.answer(&whole[..length]), Ok(Some(_))), "{length}");
        }
        // Unless it says so.
        whole[2] |= 2;
        for length in 3..whole.len() {
            assert!(question.answer(&whole[..length]).unwrap().unwrap().truncation, "{length}");
        }
    }
}
