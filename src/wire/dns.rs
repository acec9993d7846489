//! A question to a nameserver, and which messages answer it (RFC 1035, section 4; EDNS as RFC 6891 has it).

use hickory_resolver::proto::ProtoError;
use hickory_resolver::proto::op::{Edns, Message, MessageType, Query};
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::proto::serialize::binary::DecodeError;

/// The longest answer over UDP, in bytes, which no network on the way must divide (RFC 9715).
pub const MAX_DATAGRAM: u16 = 1232;

/// One question in a message of its own.
#[derive(Debug)]
pub struct Question {
    query: Query,
    /// Random, so that whoever does not see the question cannot answer it.
    id: u16,
    bytes: Vec<u8>,
}

impl Question {
    /// Asks for the records of a type at a name.
    ///
    /// # Errors
    /// Where the library cannot encode the name.
    pub fn new(name: Name, record_type: RecordType) -> Result<Self, ProtoError> {
        let query = Query::query(name, record_type);
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        message.add_query(query.clone());
        let mut edns = Edns::new();
        edns.set_max_payload(MAX_DATAGRAM);
        message.set_edns(edns);
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
        let message = Message::from_vec(received)?;
        let is_answer = message.message_type == MessageType::Response && message.queries == [self.query.clone()];
        Ok(is_answer.then_some(message))
    }
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
        let whole = answer(&question, |_| ());
        for length in 2..whole.len() {
            assert!(!matches!(question.answer(&whole[..length]), Ok(Some(_))), "{length}");
        }
    }
}
