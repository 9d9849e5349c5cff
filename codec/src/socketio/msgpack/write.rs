//! Strings, numbers and the heads of arrays and maps, in their shortest forms.

use alloc::vec::Vec;

use bytes::BufMut as _;

#[inline]
pub(in crate::socketio) fn write_string(out: &mut Vec<u8>, text: &str) {
    write_head(out, text.len(), Some((0xa0, 31)), Some(0xd9), [0xda, 0xdb]);
    out.extend_from_slice(text.as_bytes());
}

pub(in crate::socketio) fn write_array(out: &mut Vec<u8>, count: usize) {
    write_head(out, count, Some((0x90, 15)), None, [0xdc, 0xdd]);
}

pub(in crate::socketio) fn write_map(out: &mut Vec<u8>, count: usize) {
    write_head(out, count, Some((0x80, 15)), None, [0xde, 0xdf]);
}

#[inline]
pub(in crate::socketio) fn write_integer(out: &mut Vec<u8>, number: i64) {
    if let Ok(number) = u64::try_from(number) {
        write_unsigned(out, number);
    } else if number >= -32 {
        out.push(number as u8);
    } else if let Ok(number) = i8::try_from(number) {
        out.push(0xd0);
        out.put_i8(number);
    } else if let Ok(number) = i16::try_from(number) {
        out.push(0xd1);
        out.put_i16(number);
    } else if let Ok(number) = i32::try_from(number) {
        out.push(0xd2);
        out.put_i32(number);
    } else {
        out.push(0xd3);
        out.put_i64(number);
    }
}

#[inline]
pub(super) fn write_unsigned(out: &mut Vec<u8>, number: u64) {
    if number < 0x80 {
        out.push(number as u8);
    } else if let Ok(number) = u8::try_from(number) {
        out.extend_from_slice(&[0xcc, number]);
    } else if let Ok(number) = u16::try_from(number) {
        out.push(0xcd);
        out.put_u16(number);
    } else if let Ok(number) = u32::try_from(number) {
        out.push(0xce);
        out.put_u32(number);
    } else {
        out.push(0xcf);
        out.put_u64(number);
    }
}

pub(super) fn write_float(out: &mut Vec<u8>, number: f64) {
    out.push(0xcb);
    out.put_f64(number);
}

/// Writes a length in its shortest form: in the marker, in one byte, in two, in four.
#[inline]
pub(super) fn write_head(out: &mut Vec<u8>, len: usize, fixed: Option<(u8, u8)>, byte: Option<u8>, wide: [u8; 2]) {
    let [two, four] = wide;
    let short = u8::try_from(len).ok();
    if let (Some(len), Some((marker, most))) = (short, fixed)
        && len <= most
    {
        out.push(marker | len);
    } else if let (Some(len), Some(marker)) = (short, byte) {
        out.extend_from_slice(&[marker, len]);
    } else if let Ok(len) = u16::try_from(len) {
        out.push(two);
        out.put_u16(len);
    } else {
        out.push(four);
        out.put_u32(u32::try_from(len).unwrap_or(u32::MAX));
    }
}
