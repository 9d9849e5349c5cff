//! A client on a WebSocket.

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::{Load, Result};

pub(super) type Socket = WebSocketStream<TcpStream>;

/// A session in the main namespace.
pub(super) async fn open(server: &str) -> Result<Socket> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let url = format!("ws://{server}/socket.io/?EIO=4&transport=websocket");
    let config = WebSocketConfig::default().read_buffer_size(16 << 10);
    let (mut socket, _) = client_async_with_config(url, stream, Some(config)).await?;
    socket.send(Message::text("40")).await?;
    loop {
        let message = socket.next().await.ok_or("closed before the session was open")??;
        if message.to_text()?.starts_with("40") {
            return Ok(socket);
        }
    }
}

/// Sends another message for each one that comes back, until the server closes.
pub(super) async fn run(mut socket: Socket, load: &Load) -> Result<()> {
    for _ in 0..load.in_flight {
        socket.feed(Message::text(load.text.clone())).await?;
    }
    socket.flush().await?;
    while let Some(message) = socket.next().await {
        let mut message = Some(message?);
        // What came together is answered together.
        while let Some(Message::Text(packet)) = message.take() {
            if load.is_echo(&packet) {
                socket.feed(Message::text(load.text.clone())).await?;
            } else if packet.as_str() == "2" {
                socket.feed(Message::text("3")).await?;
            }
            message = socket.next().now_or_never().flatten().transpose()?;
        }
        socket.flush().await?;
    }
    Ok(())
}
