//! One WebSocket.

use std::error::Error;

use futures_util::{SinkExt as _, StreamExt as _};
use sio_codec::engineio::WsId;
use sio_codec::engineio::client::Input;
use sio_codec::{Frame, Text};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::embedding::Target;

/// Opens a WebSocket and carries messages until one of the sides closes it.
pub(crate) async fn pump(
    target: &Target,
    query: &str,
    limit: usize,
    ws: WsId,
    mut outbox: mpsc::UnboundedReceiver<Frame>,
    mailbox: &mpsc::UnboundedSender<Input>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stream = TcpStream::connect(&target.authority).await?;
    stream.set_nodelay(true)?;
    let url = format!("ws://{}{}?{query}", target.authority, target.path);
    let config = WebSocketConfig::default().max_message_size(Some(limit)).max_frame_size(Some(limit));
    let (mut socket, _) = client_async_with_config(url, stream, Some(config)).await?;
    mailbox.send(Input::WsOpened { ws })?;
    loop {
        tokio::select! {
            message = socket.next() => {
                let frame = match message {
                    Some(Ok(Message::Text(text))) => Frame::Text(Text::from(text.as_str().to_owned())),
                    Some(Ok(Message::Binary(bytes))) => Frame::Binary(bytes),
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return Err(error.into()),
                };
                mailbox.send(Input::WsFrame { ws, frame })?;
            }
            frame = outbox.recv() => match frame {
                Some(Frame::Text(text)) => socket.send(Message::text(text.as_str())).await?,
                Some(Frame::Binary(bytes)) => socket.send(Message::Binary(bytes)).await?,
                // The session is done with it.
                None => {
                    socket.close(None).await?;
                    while let Some(Ok(_)) = socket.next().await {}
                    return Ok(());
                }
            },
        }
    }
}
