use alloc::vec;

use super::*;

//= EIO4-WT-03
#[test]
fn an_empty_binary_message_is_not_written() {
    let mut out = vec![7];
    assert_eq!(write(&Packet::Message(Frame::Binary(Bytes::new())), &mut out), Err(EncodeError::EmptyBinary));
    assert_eq!(out, [7]);
}

#[test]
fn a_frame_in_one_piece_is_not_copied() {
    let mut stream = Vec::new();
    write(&Packet::Message(Frame::Binary(Bytes::from(vec![7; 1000]))), &mut stream).unwrap();
    let stream = Bytes::from(stream);
    let mut decoder = Decoder::new(1000);
    decoder.push(stream.clone());
    let Some(Ok(Packet::Message(Frame::Binary(bytes)))) = decoder.next_packet() else { panic!("a message") };
    assert_eq!(bytes.as_ptr(), stream[3..].as_ptr());
    assert!(decoder.is_idle());
}

#[test]
fn a_large_length_takes_no_memory_of_its_own() {
    let mut decoder = Decoder::new(usize::MAX);
    decoder.push(Bytes::from_static(&[0xff, 0, 0x1f, 255, 255, 255, 255, 255, 255, 1, 2, 3]));
    assert_eq!(decoder.next_packet(), None);
    let State::Content { partial, .. } = &decoder.state else { panic!("within a frame") };
    assert!(partial.capacity() < 100);
    assert!(!decoder.is_idle());
}
