//! One WebSocket.

use std::error::Error;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use sio_codec::engineio::WsId;
use sio_codec::engineio::client::Input;
use sio_codec::{Frame, Text};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::embedding::Target;

type Socket = WebSocketStream<TcpStream>;

type Fault = Box<dyn Error + Send + Sync>;

/// Opens a WebSocket and carries messages until one side closes it.
pub(crate) async fn pump(
    target: &Target,
    query: &str,
    limit: usize,
    ws: WsId,
    outgoing: mpsc::Receiver<Frame>,
    answers: &mpsc::UnboundedSender<Input>,
    messages: &mpsc::Sender<Input>,
) -> Result<(), Fault> {
    let stream = TcpStream::connect(&target.authority).await?;
    stream.set_nodelay(true)?;
    let url = format!("ws://{}{}?{query}", target.authority, target.path);
    let config = WebSocketConfig::default().max_message_size(Some(limit)).max_frame_size(Some(limit));
    let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
    messages.send(Input::WsOpened { ws }).await?;
    let (sink, stream) = socket.split();
    // Reading and writing are independent: a writer that waits for the server does not stop the reader, and the reader
    // goes on to the end after the last message was written.
    tokio::try_join!(listen(ws, stream, messages), speak(ws, sink, outgoing, answers)).map(drop)
}

/// Reads until the WebSocket ends. Its end is always an error, because nothing can be sent after it.
async fn listen(ws: WsId, mut stream: SplitStream<Socket>, messages: &mpsc::Sender<Input>) -> Result<(), Fault> {
    loop {
        let frame = match stream.next().await {
            Some(Ok(Message::Text(text))) => Frame::Text(Text::from(text.as_str().to_owned())),
            Some(Ok(Message::Binary(bytes))) => Frame::Binary(bytes),
            Some(Ok(Message::Close(_))) | None => return Err("the WebSocket is closed".into()),
            Some(Ok(_)) => continue,
            Some(Err(error)) => return Err(error.into()),
        };
        messages.send(Input::WsFrame { ws, frame }).await?;
    }
}

async fn speak(
    ws: WsId,
    mut sink: SplitSink<Socket, Message>,
    mut outgoing: mpsc::Receiver<Frame>,
    answers: &mpsc::UnboundedSender<Input>,
) -> Result<(), Fault> {
    while let Some(frame) = outgoing.recv().await {
        // There is room for another one.
        answers.send(Input::WsWritable { ws })?;
        let message = match frame {
            Frame::Text(text) => Message::text(text.as_str()),
            Frame::Binary(bytes) => Message::Binary(bytes),
        };
        sink.send(message).await?;
    }
    // The session no longer needs it.
    sink.close().await?;
    Ok(())
}
