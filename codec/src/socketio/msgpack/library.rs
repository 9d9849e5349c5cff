//! The libraries whose bytes are written, and what each makes of what MessagePack has no form for.

use alloc::vec::Vec;

use bytes::BufMut as _;

use super::timestamp::write_timestamp;
use super::write::{write_float, write_integer, write_unsigned};

/// A library of JavaScript whose bytes are written. All write the shortest forms; beyond that they differ.
///
/// | | `Notepack2` | `Notepack3` | `MsgPackJs` |
/// |---|---|---|---|
/// | `undefined` in an array | `d4 00 00` | nil | nil |
/// | `undefined` in a map | `d4 00 00` | the key is left out | nil |
/// | date | `d7 00`, milliseconds | timestamp | timestamp |
/// | a whole number that is held as a float | float | integer, up to 64 bits | integer, up to 2^53 - 1 |
/// | an integer beyond 2^53 - 1 | integer | integer | float |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    /// notepack.io 2, of `socket.io-msgpack-parser` 3.0.2.
    Notepack2,
    /// notepack.io 3, of `@socket.io/redis-adapter` 8.3.0 and `@socket.io/redis-emitter` 5.1.0.
    Notepack3,
    /// `@msgpack/msgpack` 2, of `@socket.io/redis-streams-adapter` 0.3.1.
    MsgPackJs,
}

impl Library {
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "as in JavaScript")]
    pub(super) fn write_integer(self, out: &mut Vec<u8>, number: i64) {
        if self == Self::MsgPackJs && number.unsigned_abs() > MAX_SAFE {
            write_float(out, number as f64);
        } else {
            write_integer(out, number);
        }
    }

    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "as in JavaScript")]
    pub(super) fn write_unsigned(self, out: &mut Vec<u8>, number: u64) {
        if self == Self::MsgPackJs && number > MAX_SAFE {
            write_float(out, number as f64);
        } else {
            write_unsigned(out, number);
        }
    }

    /// JavaScript has only doubles: one that is whole is no different from an integer.
    #[inline]
    pub(super) fn write_float(self, out: &mut Vec<u8>, number: f64) {
        match self {
            Self::Notepack2 => write_float(out, number),
            Self::Notepack3 => write_whole(out, number, u64::MAX),
            Self::MsgPackJs => write_whole(out, number, MAX_SAFE),
        }
    }

    //= MSG-02
    pub(super) fn write_undefined(self, out: &mut Vec<u8>) {
        match self {
            Self::Notepack2 => out.extend_from_slice(&[0xd4, 0, 0]),
            Self::Notepack3 | Self::MsgPackJs => out.push(0xc0),
        }
    }

    /// Whether it knows MessagePack's own dates.
    pub(super) fn has_timestamps(self) -> bool {
        self != Self::Notepack2
    }

    /// Whether a member of a map is left out if it is undefined.
    pub(super) fn leaves_undefined_out(self) -> bool {
        self == Self::Notepack3
    }

    //= MSG-08
    pub(super) fn write_date(self, out: &mut Vec<u8>, milliseconds: i64) {
        match self {
            Self::Notepack2 => {
                out.extend_from_slice(&[0xd7, 0]);
                out.put_i64(milliseconds);
            }
            Self::Notepack3 | Self::MsgPackJs => write_timestamp(out, milliseconds),
        }
    }
}

/// The largest number up to which every integer is a double: 2^53 - 1.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// Writes a number as an integer, if it is one and not beyond `most`.
fn write_whole(out: &mut Vec<u8>, number: f64, most: u64) {
    match whole(number) {
        Whole::Unsigned(number) if number <= most => write_unsigned(out, number),
        Whole::Negative(number) if number.unsigned_abs() <= most => write_integer(out, number),
        _ => write_float(out, number),
    }
}

/// A double that is a whole number of 64 bits.
enum Whole {
    Unsigned(u64),
    Negative(i64),
    No,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "the comparison notices every number that the conversion changed"
)]
fn whole(number: f64) -> Whole {
    const END: f64 = 18_446_744_073_709_551_616.0;
    if (0.0..END).contains(&number) && (number as u64) as f64 == number {
        Whole::Unsigned(number as u64)
    } else if number < 0.0 && (number as i64) as f64 == number {
        Whole::Negative(number as i64)
    } else {
        Whole::No
    }
}
