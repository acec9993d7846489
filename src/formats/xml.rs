//! What every reader of XML holds of its elements.

use quick_xml::events::BytesStart;
use quick_xml::events::attributes::Attribute;

/// What is said of an element whose attributes are not whole.
pub(super) const CUT_ATTRIBUTE: &str = "an attribute is cut";

/// True where all attributes of an element are such: no value has a `<` in it (XML 1.0, section 3.1).
///
/// Where one text was cut and another goes on within a quoted value, nothing says whose the rest is.
pub(super) fn has_whole_attributes(element: &BytesStart<'_>) -> bool {
    let is_whole = |attribute: Attribute<'_>| !attribute.value.contains('<');
    element.attributes().with_checks(false).all(|attribute| attribute.is_ok_and(is_whole))
}
