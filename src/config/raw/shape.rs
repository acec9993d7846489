//! Values that may be written in more than one shape: a word, a list, or keys.

/// Reads a type that is a string, a list or a mapping by what is written. What is expected has a word in the catalogue.
macro_rules! by_shape {
    ($name:ty, $expected:literal, $text:expr $(, seq $seq:expr)? $(, map $map:expr)?) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Shape;

                impl<'de> serde::de::Visitor<'de> for Shape {
                    type Value = $name;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        formatter.write_str($expected)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        Ok($text(text.to_owned()))
                    }
                    $(
                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, items: A) -> Result<$name, A::Error> {
                        serde::Deserialize::deserialize(serde::de::value::SeqAccessDeserializer::new(items)).map($seq)
                    }
                    )?
                    $(
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, keys: A) -> Result<$name, A::Error> {
                        serde::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(keys)).map($map)
                    }
                    )?
                }

                deserializer.deserialize_any(Shape)
            }
        }
    };
}

pub(super) use by_shape;
