//! Computer information lists (CILX). Only the outline of these is public: computers with their products, and each of
//! these with its SKU. What a product says is read from attributes and elements anywhere in it, by their names.

use super::product;
use crate::formats::fields::Fields;
use crate::formats::values::{machine, squeezed};
use crate::formats::{FormatError, Reading, xml};
use crate::license::MachineName;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// The element at the top.
const ROOT: &str = "SoftwareLicensingData";

/// How deeply elements are nested at most.
const MAX_DEPTH: usize = 64;

/// How many values are kept of one product, and how long each is, in bytes.
const MAX_FIELDS: usize = 200;
const MAX_TEXT: usize = 4096;

/// The longest name of an element or an attribute that is looked at, in bytes.
const MAX_NAME: usize = 100;

/// True for a text that begins as such a list.
pub(in crate::formats) fn recognizes_xml(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => return is(&element, ROOT),
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// Reads every product of every computer. A computer without a name, as in an export without personal data, is passed
/// over product by product.
///
/// # Errors
/// [`FormatError::Malformed`] where this is no XML, or ends in the middle.
pub(in crate::formats) fn read_xml(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let mut reader = Reader::from_str(text);
    let mut list = List { open: Vec::new(), computer: None, product: None };
    let (mut line, mut counted) = (1, 0);
    loop {
        reading.check()?;
        let start = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        line += text.get(counted..start).unwrap_or_default().matches('\n').count();
        counted = start;
        let malformed = |detail: &str| FormatError::Malformed { place: format!("line {line}"), detail: detail.into() };
        match reader.read_event() {
            // What is open would take what is of the other.
            Ok(Event::Start(element)) if is(&element, ROOT) && !list.open.is_empty() => {
                return Err(malformed("another list begins in this one"));
            }
            // Where one list was cut and another goes on in a quoted value, whose the rest is nothing says.
            Ok(Event::Start(element) | Event::Empty(element)) if !xml::has_whole_attributes(&element) => {
                return Err(malformed(xml::CUT_ATTRIBUTE));
            }
            Ok(Event::Start(element)) => {
                list.opens(&element, line);
                if list.open.len() > MAX_DEPTH {
                    return Err(malformed("elements stand in one another too deeply"));
                }
            }
            Ok(Event::Empty(element)) => {
                list.opens(&element, line);
                list.closes(reading);
            }
            Ok(Event::End(_)) => list.closes(reading),
            Ok(Event::Text(text)) => list.says(&text.xml10_content()),
            Ok(Event::CData(text)) => list.says(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(char)) => list.says(char.encode_utf8(&mut [0; 4])),
                _ => list.says(quick_xml::escape::resolve_predefined_entity(&reference).unwrap_or_default()),
            },
            Ok(Event::Eof) if list.open.is_empty() => return Ok(()),
            Ok(Event::Eof) => return Err(malformed("it ends in the middle")),
            Ok(_) => {}
            Err(_) if text.get(start..).is_some_and(|rest| !rest.contains('>')) => {
                return Err(malformed("it ends in the middle"));
            }
            Err(_) => return Err(malformed("this is no XML")),
        }
    }
}

/// What is open where the reader is.
struct List {
    open: Vec<Element>,
    computer: Option<Computer>,
    product: Option<Product>,
}

/// An element, by its name, and what it says.
struct Element {
    name: String,
    text: String,
}

/// A computer, and how many elements are open around it.
struct Computer {
    name: Option<MachineName>,
    depth: usize,
}

/// What is known so far of a product, and how many elements are open around it.
struct Product {
    fields: Fields<'static>,
    depth: usize,
}

impl List {
    /// Begins an element that is behind this line, or in it.
    fn opens(&mut self, element: &BytesStart<'_>, line: usize) {
        let depth = self.open.len();
        let name = named_by(element.local_name().as_ref());
        if self.product.is_none() && name == "computer" {
            self.computer =
                Some(Computer { name: attributes(element).find_map(|(name, text)| named(&name, &text)), depth });
        } else if self.product.is_none() && name == "product" {
            self.product = Some(Product { fields: Fields::new(format!("line {line}")), depth });
        }
        if let Some(product) = &mut self.product {
            for (attribute, text) in attributes(element) {
                product.say(&name_within(&name, &attribute), text.into_owned());
            }
        }
        self.open.push(Element { name, text: String::new() });
    }

    fn closes(&mut self, reading: &mut Reading<'_>) {
        let Some(Element { name, text }) = self.open.pop() else { return };
        let depth = self.open.len();
        let parent = self.open.last().map(|parent| parent.name.as_str()).unwrap_or_default();
        match &mut self.product {
            Some(product) if product.depth == depth => {
                let around = self.computer.as_ref().and_then(|computer| computer.name.as_ref());
                product::read(&product.fields, around, reading);
                self.product = None;
                return;
            }
            Some(product) => product.say(&name_within(parent, &name), text),
            None => {
                if let Some(computer) = self.computer.as_mut().filter(|computer| computer.depth + 1 == depth)
                    && computer.name.is_none()
                {
                    computer.name = named(&name, &text);
                }
            }
        }
        if self.computer.as_ref().is_some_and(|computer| computer.depth == depth) {
            self.computer = None;
        }
    }

    /// Adds to the text of the innermost element.
    fn says(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut()
            && element.text.len() + text.len() <= MAX_TEXT
        {
            element.text.push_str(text);
        }
    }
}

impl Product {
    fn say(&mut self, name: &str, text: String) {
        if self.fields.len() < MAX_FIELDS && text.len() <= MAX_TEXT && !text.trim().is_empty() {
            self.fields.push(name.to_owned(), text);
        }
    }
}

/// The name of a column for what is in an element: a SKU has an ID and the name of a product.
fn name_within(element: &str, name: &str) -> String {
    match (element, name) {
        ("sku", "id") => "sku",
        ("sku" | "product", "name") => "productname",
        // The name of whatever else is no name of a machine.
        (element, "name") => return format!("{element}name"),
        (_, name) => name,
    }
    .to_owned()
}

/// The name of a machine, where this is the attribute or the element with it.
fn named(name: &str, text: &str) -> Option<MachineName> {
    let is_name = name == "name" || product::MACHINE.contains(&name);
    if is_name { machine(text).ok().flatten() } else { None }
}

/// The attributes of an element: names as columns have them, and texts. What is no attribute is passed by.
fn attributes<'e>(element: &'e BytesStart<'_>) -> impl Iterator<Item = (String, Cow<'e, str>)> {
    let mut attributes = element.attributes();
    attributes.with_checks(false);
    attributes.flatten().filter_map(|attribute| {
        let name = named_by(attribute.key.local_name().as_ref());
        attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(|text| (name, text))
    })
}

/// A name as columns have it; empty for one that is longer than any that is known.
fn named_by(name: &str) -> String {
    if name.len() > MAX_NAME { String::new() } else { squeezed(name) }
}

fn is(element: &BytesStart<'_>, name: &str) -> bool {
    element.local_name().as_ref().eq_ignore_ascii_case(name)
}
