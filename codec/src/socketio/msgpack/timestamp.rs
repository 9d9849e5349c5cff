//! Dates as MessagePack's own extension, the timestamp: seconds since 1970, and nanoseconds.
//!
//! ```text
//! d6 ff    seconds, 4 bytes                                 whole seconds up to 2^32 - 1
//! d7 ff    nanoseconds, 30 bits; seconds, 34 bits           up to 2^34 - 1
//! c7 0c ff nanoseconds, 4 bytes; seconds, 8 bytes, signed   any other
//! ```

use alloc::vec::Vec;

use bytes::BufMut as _;

use crate::socketio::value::Date;

/// The number of the extension.
const TIMESTAMP: i8 = -1;

const NANOS: i64 = 1_000_000;

pub(super) fn write_timestamp(out: &mut Vec<u8>, milliseconds: i64) {
    let seconds = milliseconds.div_euclid(1000);
    let nanos = milliseconds.rem_euclid(1000).saturating_mul(NANOS);
    match (u64::try_from(seconds), u32::try_from(seconds)) {
        (_, Ok(seconds)) if nanos == 0 => {
            out.extend_from_slice(&[0xd6, 0xff]);
            out.put_u32(seconds);
        }
        (Ok(seconds), _) if seconds >> 34 == 0 => {
            out.extend_from_slice(&[0xd7, 0xff]);
            out.put_u64(nanos.cast_unsigned() << 34 | seconds);
        }
        _ => {
            out.extend_from_slice(&[0xc7, 12, 0xff]);
            out.put_u32(u32::try_from(nanos).unwrap_or_default());
            out.put_i64(seconds);
        }
    }
}

/// The date that an extension is; `None` if it is none. Parts of a millisecond are dropped, as in JavaScript.
pub(super) fn read_timestamp(kind: i8, bytes: &[u8]) -> Option<Date> {
    let (seconds, nanos) = match *bytes {
        _ if kind != TIMESTAMP => return None,
        [a, b, c, d] => (i64::from(u32::from_be_bytes([a, b, c, d])), 0),
        [a, b, c, d, e, f, g, h] => {
            let both = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            ((both & ((1 << 34) - 1)).cast_signed(), (both >> 34).cast_signed())
        }
        [a, b, c, d, ref seconds @ ..] => {
            (i64::from_be_bytes(seconds.try_into().ok()?), i64::from(u32::from_be_bytes([a, b, c, d])))
        }
        _ => return None,
    };
    seconds.checked_mul(1000)?.checked_add(nanos.checked_div(NANOS)?).map(Date)
}
