//! CLIXML, as `Export-Clixml` and remoting write it: texts, each of which is a line of what a tool printed, or objects,
//! of which each becomes a list of its properties. Objects within others are not read.

use super::{FormatError, Reading, parts, xml};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// How deeply elements are nested at most.
const MAX_DEPTH: usize = 64;

/// True for a text that begins so, after the line that remoting puts before it.
pub(super) fn recognizes(text: &str) -> bool {
    let text = start(text);
    text.starts_with("<Objs") || (text.starts_with("<?xml") && text.get(..200).unwrap_or(text).contains("<Objs"))
}

fn start(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.strip_prefix("#< CLIXML").unwrap_or(text).trim_start()
}

/// Reads the texts in it as the lines of one text. A text of remoting has the name of its machine beside it.
///
/// # Errors
/// [`FormatError::Malformed`] where this is no XML, or ends in the middle, and what goes wrong in the text.
pub(super) fn read(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let text = start(text);
    let malformed = |detail: &str| FormatError::Malformed { place: "element 0".to_owned(), detail: detail.to_owned() };
    let mut reader = Reader::from_str(text);
    let (mut lines, mut line) = (String::with_capacity(text.len() / 2), None::<String>);
    let (mut depth, mut is_name, mut machine) = (0_usize, false, String::new());
    // Where the last line begins that is not blank.
    let mut last = 0;
    let (mut listing, mut property, mut objects) = (String::new(), None::<(String, String)>, 0_usize);
    loop {
        reading.check()?;
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) if !xml::has_whole_attributes(&element) => {
                return Err(malformed(xml::CUT_ATTRIBUTE));
            }
            Ok(Event::Start(element)) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(malformed("elements stand in one another too deeply"));
                }
                let is_object = element.local_name().as_ref() == "Obj";
                objects += usize::from(is_object);
                let name = element.attributes().flatten().find(|it| it.key.local_name().as_ref() == "N");
                let name = name.map(|name| name.value.into_owned());
                if !is_object && objects == 1 {
                    property = name.clone().map(|name| (name, String::new()));
                }
                if element.local_name().as_ref() == "S" {
                    is_name = name.as_deref() == Some("PSComputerName");
                    // Any other text with a name is a property of an object.
                    line = (name.is_none() || is_name).then(String::new);
                }
            }
            Ok(Event::End(element)) => {
                depth = depth.saturating_sub(1);
                if let Some((name, value)) = property.take() {
                    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
                    listing.extend([name.as_str(), " : ", &value, "\n"]);
                }
                if element.local_name().as_ref() == "Obj" {
                    objects = objects.saturating_sub(1);
                    listing.push_str(if objects == 0 { "\n" } else { "" });
                }
                if let Some(text) = line.take() {
                    if !is_name {
                        last = if text.trim().is_empty() { last } else { lines.len() };
                        lines.push_str(&text.replace("_x000D_", "").replace("_x000A_", "\n").replace("_x0009_", " "));
                        lines.push('\n');
                    } else if machine != text {
                        // It is behind the first line of its machine.
                        lines.insert_str(last, &format!("PSComputerName: {text}\n"));
                        last = lines.len();
                        machine = text;
                    }
                }
            }
            Ok(Event::Text(text)) => {
                let texts = [line.as_mut(), property.as_mut().map(|(_, value)| value)];
                texts.into_iter().flatten().for_each(|line| line.push_str(&text));
            }
            Ok(Event::GeneralRef(reference)) => {
                for line in [line.as_mut(), property.as_mut().map(|(_, value)| value)].into_iter().flatten() {
                    match reference.resolve_char_ref() {
                        Ok(Some(char)) => line.push(char),
                        _ => line.push_str(resolve_predefined_entity(&reference).unwrap_or_default()),
                    }
                }
            }
            Ok(Event::Eof) if depth == 0 => break,
            Ok(Event::Eof) => return Err(malformed("it ends in the middle")),
            Ok(_) => {}
            Err(_) => return Err(malformed("it is no XML")),
        }
    }
    match [lines, listing].into_iter().find(|text| parts::recognizes(text)) {
        Some(text) => parts::read(&text, reading),
        None => Err(FormatError::Unknown),
    }
}
