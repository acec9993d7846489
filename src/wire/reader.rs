//! A cursor over received bytes that cannot read past their end.

use thiserror::Error;

/// The bytes ended before the message did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the message ends early")]
pub struct TooShort;

/// The order in which a sender writes the octets of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// Least significant octet first.
    Little,
    /// Most significant octet first.
    Big,
}

/// Reads a message from front to back.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    consumed: usize,
    order: ByteOrder,
}

impl<'a> Reader<'a> {
    /// A reader at the first of `bytes`, which reads integers in the given order.
    pub fn new(bytes: &'a [u8], order: ByteOrder) -> Self {
        Self { rest: bytes, consumed: 0, order }
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`TooShort`] where fewer are left; nothing is consumed then.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], TooShort> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(TooShort)?;
        self.rest = rest;
        self.consumed += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], TooShort> {
        self.take(N)?.try_into().map_err(|_| TooShort)
    }

    /// The next octet.
    ///
    /// # Errors
    /// [`TooShort`] at the end.
    pub fn u8(&mut self) -> Result<u8, TooShort> {
        self.array().map(u8::from_ne_bytes)
    }

    /// The next 16-bit integer.
    ///
    /// # Errors
    /// [`TooShort`] where fewer than two bytes are left.
    pub fn u16(&mut self) -> Result<u16, TooShort> {
        let bytes = self.array()?;
        Ok(match self.order {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        })
    }

    /// The next 32-bit integer.
    ///
    /// # Errors
    /// [`TooShort`] where fewer than four bytes are left.
    pub fn u32(&mut self) -> Result<u32, TooShort> {
        let bytes = self.array()?;
        Ok(match self.order {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        })
    }

    /// Skips to the next multiple of `boundary` bytes, counted from where this reader began.
    ///
    /// # Errors
    /// [`TooShort`] where the padding is cut off.
    pub fn align(&mut self, boundary: usize) -> Result<(), TooShort> {
        let padding = self.consumed.next_multiple_of(boundary) - self.consumed;
        self.take(padding).map(drop)
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_integers_in_the_senders_order() {
        let bytes = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07];
        let mut little = Reader::new(&bytes, ByteOrder::Little);
        assert_eq!((little.u8(), little.u16(), little.u32()), (Ok(1), Ok(0x0302), Ok(0x0706_0504)));
        let mut big = Reader::new(&bytes, ByteOrder::Big);
        assert_eq!((big.u8(), big.u16(), big.u32()), (Ok(1), Ok(0x0203), Ok(0x0405_0607)));
    }

    #[test]
    fn a_read_past_the_end_consumes_nothing() {
        let mut reader = Reader::new(&[1, 2, 3], ByteOrder::Little);
        assert_eq!(reader.u32(), Err(TooShort));
        assert_eq!(reader.remaining(), 3);
        assert_eq!(reader.take(usize::MAX), Err(TooShort));
    }

    #[test]
    fn aligns_from_where_it_began() {
        let mut reader = Reader::new(&[0; 9], ByteOrder::Little);
        reader.take(1).unwrap();
        reader.align(4).unwrap();
        assert_eq!(reader.remaining(), 5);
        reader.align(4).unwrap();
        assert_eq!(reader.remaining(), 5);
        reader.take(5).unwrap();
        assert_eq!(reader.align(4), Err(TooShort));
    }
}
