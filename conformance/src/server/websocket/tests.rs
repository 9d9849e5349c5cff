use tokio::io::{DuplexStream, duplex};
use tokio_tungstenite::WebSocketStream;

use futures_util::{SinkExt as _, StreamExt as _};

use super::*;

type Peer = WebSocketStream<DuplexStream>;

const LONGEST: usize = 1_000_000;

/// A WebSocket over a stream that takes `buffer` bytes in each direction, and its peer.
async fn connected(buffer: usize) -> (Box<Socket<DuplexStream>>, Peer) {
    connected_with(buffer, Arc::new(Semaphore::new(LONGEST))).await
}

async fn connected_with(buffer: usize, room: Arc<Semaphore>) -> (Box<Socket<DuplexStream>>, Peer) {
    let (ours, theirs) = duplex(buffer);
    let peer = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
    (Box::new(Socket::new(ours, LONGEST, room)), peer)
}

fn text(len: usize) -> Frame {
    Frame::Text(Text::from("x".repeat(len)))
}

async fn next(socket: &mut Socket<DuplexStream>, listening: bool) -> Happening {
    poll_fn(|context| socket.poll(context, listening)).await
}

async fn is_silent(socket: &mut Socket<DuplexStream>, listening: bool) -> bool {
    timeout(bounds::FAREWELL, next(socket, listening)).await.is_err()
}

#[tokio::test(start_paused = true)]
async fn messages_wait_until_somebody_listens() {
    let (mut socket, mut peer) = connected(1 << 10).await;
    for word in ["one", "two"] {
        peer.send(Message::text(word)).await.unwrap();
    }
    assert!(is_silent(&mut socket, false).await);
    assert_eq!(next(&mut socket, true).await, Happening::Message(Frame::from("one")));
    assert!(is_silent(&mut socket, false).await);
    assert_eq!(next(&mut socket, true).await, Happening::Message(Frame::from("two")));
}

/// A peer can send only as much as the stream's buffer takes to a socket that is not read.
#[tokio::test(start_paused = true)]
async fn a_peer_that_nobody_listens_to_has_to_wait() {
    let (mut socket, mut peer) = connected(1 << 10).await;
    let flood = async { while peer.send(Message::text("x".repeat(100))).await.is_ok() {} };
    tokio::select! {
        () = flood => panic!("the socket ended"),
        is_silent = is_silent(&mut socket, false) => assert!(is_silent),
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_makes_no_room_and_is_still_heard() {
    let (mut socket, mut peer) = connected(1 << 10).await;
    assert!(socket.has_room());
    socket.write(text(bounds::WEBSOCKET_BATCH));
    assert!(!socket.has_room());
    assert!(is_silent(&mut socket, true).await);
    peer.send(Message::text("I am here")).await.unwrap();
    assert_eq!(next(&mut socket, true).await, Happening::Message(Frame::from("I am here")));
    assert!(!socket.has_room());
    let (happening, message) = tokio::join!(next(&mut socket, false), peer.next());
    assert_eq!(happening, Happening::Written);
    assert_eq!(message.unwrap().unwrap().len(), bounds::WEBSOCKET_BATCH);
    assert!(socket.has_room());
}

/// Its pings and messages are not read.
#[tokio::test(start_paused = true)]
async fn a_peer_that_pings_without_reading_is_not_heard_any_more() {
    let buffer = 1 << 10;
    let (mut socket, mut peer) = connected(buffer).await;
    socket.write(text(2 * buffer));
    let mut pings = 0;
    let flood = async {
        while peer.send(Message::Ping(Bytes::from_static(b"?"))).await.is_ok() {
            pings += 1;
        }
    };
    tokio::select! {
        () = flood => panic!("the socket ended"),
        is_silent = is_silent(&mut socket, true) => assert!(is_silent),
    }
    assert!(pings < 2 * buffer, "{pings} pings were taken");
}

#[tokio::test(start_paused = true)]
async fn pings_are_answered() {
    let (mut socket, mut peer) = connected(1 << 10).await;
    for word in [&b"one"[..], b"two"] {
        peer.send(Message::Ping(Bytes::from_static(word))).await.unwrap();
        let (happening, pong) = tokio::join!(next(&mut socket, true), peer.next());
        assert_eq!(happening, Happening::Written);
        assert_eq!(pong.unwrap().unwrap(), Message::Pong(Bytes::from_static(word)));
    }
}

#[tokio::test(start_paused = true)]
async fn every_end_is_told_and_takes_its_time_at_most() {
    use tokio::time::Instant;
    let code = CloseCode::Size;
    for (end, expected) in [
        (End::Ours, Some(Message::Close(None))),
        (End::Fault(code), Some(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() })))),
        (End::Lost, None),
    ] {
        let (socket, mut peer) = connected(1 << 10).await;
        let since = Instant::now();
        let (told, ()) = tokio::join!(async { peer.next().await.and_then(Result::ok) }, socket.say_goodbye(end));
        assert_eq!(told, expected);
        // The peer has read the Close frame, and does not answer.
        assert!(since.elapsed() <= bounds::FAREWELL.max(bounds::LINGER_PAUSE), "{end:?}");

        let (mut socket, _peer) = connected(1 << 10).await;
        socket.write(text(100_000));
        let since = Instant::now();
        socket.say_goodbye(end).await;
        assert!(since.elapsed() <= bounds::FAREWELL, "{end:?}: nothing is read");
    }
}

#[tokio::test(start_paused = true)]
async fn the_peers_close_frame_is_answered() {
    let (mut socket, mut peer) = connected(1 << 10).await;
    peer.close(None).await.unwrap();
    assert_eq!(next(&mut socket, true).await, Happening::Ended(End::Theirs));
    let (answer, ()) = tokio::join!(peer.next(), socket.say_goodbye(End::Theirs));
    assert_eq!(answer.unwrap().unwrap(), Message::Close(None));
}

/// Data after a long message is not lost with the buffers of the message, even in the middle of another message.
#[tokio::test(start_paused = true)]
async fn messages_around_a_long_one_arrive() {
    use tokio_tungstenite::tungstenite::protocol::frame;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
    let (mut socket, peer) = connected(50_000).await;
    let (mut sink, _peer) = peer.split();
    let part =
        |text: &'static str, code, is_final| Message::Frame(frame::Frame::message(text, OpCode::Data(code), is_final));
    let sending = async {
        for len in [100_000, 3, bounds::LONG + 1, 5] {
            sink.send(Message::text("x".repeat(len))).await.unwrap();
            sink.send(part("be", Data::Text, false)).await.unwrap();
            sink.send(part("gun", Data::Continue, true)).await.unwrap();
        }
    };
    let receiving = async {
        let mut lengths = Vec::new();
        while lengths.len() < 8 {
            match next(&mut socket, true).await {
                Happening::Message(frame) => {
                    lengths.push(frame.len());
                    socket.write(Frame::from("thanks"));
                }
                Happening::Written => {}
                Happening::Ended(end) => panic!("{end:?}"),
            }
        }
        lengths
    };
    let (lengths, ()) = tokio::join!(receiving, sending);
    assert_eq!(lengths, [100_000, 5, 3, 5, bounds::LONG + 1, 5, 5, 5]);
}

/// A frame as the peer sends it, with a mask of zeros.
fn sent(len: usize) -> Vec<u8> {
    let header = FrameHeader { opcode: OpCode::Data(Data::Text), mask: Some([0; 4]), ..FrameHeader::default() };
    let mut frame = Vec::new();
    header.format(len as u64, &mut frame).unwrap();
    frame.resize(frame.len() + len, b'x');
    frame
}

/// Long messages that are arriving share the room; short ones do not need any.
#[tokio::test(start_paused = true)]
async fn a_long_message_waits_until_there_is_room_for_it() {
    let len = LONGEST / 2 + 1;
    let room = Arc::new(Semaphore::new(LONGEST));
    let connect = || {
        let (ours, theirs) = duplex(2 * LONGEST);
        (Box::new(Socket::new(ours, LONGEST, Arc::clone(&room))), theirs)
    };
    let (long, short) = (sent(len), sent(3));

    let (mut first, mut first_peer) = connect();
    first_peer.write_all(&long[..len / 2]).await.unwrap();
    // Half of it has arrived, and something is sent meanwhile.
    first.write(text(3));
    assert!(is_silent(&mut first, true).await);
    let (mut second, mut second_peer) = connect();
    second_peer.write_all(&[&short[..], &long].concat()).await.unwrap();
    assert_eq!(next(&mut second, true).await, Happening::Message(text(3)));
    assert!(is_silent(&mut second, true).await, "there is no room for both");

    first_peer.write_all(&long[len / 2..]).await.unwrap();
    assert_eq!(next(&mut first, true).await, Happening::Message(text(len)));
    assert!(is_silent(&mut second, true).await, "the first is still being looked at");
    assert!(is_silent(&mut first, true).await);
    assert_eq!(next(&mut second, true).await, Happening::Message(text(len)));
}

/// In both cases: it has its room, or still waits for it.
#[tokio::test(start_paused = true)]
async fn a_websocket_that_ends_within_a_long_message_leaves_its_room() {
    for end in [End::Ours, End::Fault(CloseCode::Size), End::Lost] {
        let room = Arc::new(Semaphore::new(LONGEST));
        let half = || async {
            let (ours, mut peer) = duplex(LONGEST);
            let mut socket = Box::new(Socket::new(ours, LONGEST, Arc::clone(&room)));
            peer.write_all(&sent(LONGEST)[..LONGEST / 2]).await.unwrap();
            assert!(is_silent(&mut socket, true).await);
            // Closing takes some time.
            socket.write(text(2 * LONGEST));
            (socket, peer)
        };
        let (socket, _peer) = half().await;
        let (waiting, _waiting_peer) = half().await;
        assert_eq!(room.available_permits(), 0);
        let goodbyes = [waiting, socket].map(|socket| tokio::spawn(socket.say_goodbye(end)));
        tokio::task::yield_now().await;
        assert_eq!(room.available_permits(), LONGEST, "{end:?}");
        for goodbye in goodbyes {
            goodbye.await.unwrap();
        }
    }
}
