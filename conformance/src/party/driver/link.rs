//! A driver on a WebSocket: each line of the protocol is a text message.

use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::News;

/// The number of lines and requests that wait to be handled. When it is reached, the driver waits.
pub(super) const MAX_WAITING: usize = 4096;

/// How long a driver may take to answer a Close frame.
const GOODBYE: Duration = Duration::from_secs(2);

/// How often room is looked for while the driver waits.
const LOOK: Duration = Duration::from_millis(5);

/// The longest line, in bytes.
const MAX_LINE: usize = 16 << 20;

/// The longest reason in a Close frame, in bytes (RFC 6455, 5.5).
const MAX_REASON: usize = 123;

/// The command's end of a WebSocket.
#[derive(Debug)]
pub(crate) struct Link {
    pub(super) orders: UnboundedSender<Order>,
    pub(super) news: Receiver<News>,
    pub(super) sender: SyncSender<News>,
}

/// The network's end of it.
#[derive(Debug)]
pub(crate) struct Wire {
    orders: UnboundedReceiver<Order>,
    news: SyncSender<News>,
}

/// What is to be sent.
#[derive(Debug)]
pub(super) enum Order {
    Line(String),
    /// A Close frame, with what the driver did wrong.
    Close(Option<String>),
}

/// Makes both ends.
pub(crate) fn link() -> (Link, Wire) {
    let (sender, news) = mpsc::sync_channel(MAX_WAITING);
    let (orders, to_send) = unbounded_channel();
    (Link { orders, news, sender: sender.clone() }, Wire { orders: to_send, news: sender })
}

/// The settings of a driver's WebSocket.
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(MAX_LINE)).max_frame_size(Some(MAX_LINE))
}

impl Wire {
    /// Carries lines until one side ends the connection. Returns what the driver did wrong, if the command ended it for that.
    pub(crate) async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
        mut self,
        socket: &mut WebSocketStream<S>,
    ) -> Option<String> {
        let last = loop {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(Order::Line(line)) => {
                        if socket.send(Message::text(line)).await.is_err() {
                            break News::Ended;
                        }
                    }
                    Some(Order::Close(why)) => return why,
                    None => return None,
                },
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) if text.trim().is_empty() => {}
                    Some(Ok(Message::Text(text))) => hand(&self.news, News::Line(text.trim().to_owned())).await,
                    Some(Ok(Message::Binary(_))) => break News::Unreadable("a binary message".to_owned()),
                    Some(Err(Error::Capacity(_))) => {
                        break News::Unreadable(format!("a message of more than {MAX_LINE} bytes"));
                    }
                    Some(Err(Error::Utf8(_))) => break News::Unreadable("bytes that are not UTF-8".to_owned()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break News::Ended,
                    Some(Ok(_)) => {}
                },
            }
        };
        let is_over = matches!(last, News::Ended);
        hand(&self.news, last).await;
        if is_over {
            return None;
        }
        loop {
            match self.orders.recv().await {
                Some(Order::Line(_)) => {}
                Some(Order::Close(why)) => return why,
                None => return None,
            }
        }
    }
}

/// Hands on what came from the driver, when there is room for it.
async fn hand(news: &SyncSender<News>, mut one: News) {
    while let Err(TrySendError::Full(back)) = news.try_send(one) {
        one = back;
        tokio::time::sleep(LOOK).await;
    }
}

/// Closes a WebSocket; the reason says what its peer did wrong, if it did.
pub(crate) async fn close(mut socket: WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>, why: Option<&str>) {
    let (code, reason) = why.map_or((CloseCode::Normal, ""), |why| (CloseCode::Policy, cut(why)));
    let goodbye = async {
        let _ = socket.close(Some(CloseFrame { code, reason: reason.into() })).await;
        while let Some(Ok(_)) = socket.next().await {}
    };
    let _ = tokio::time::timeout(GOODBYE, goodbye).await;
}

/// As much of a reason as fits.
fn cut(why: &str) -> &str {
    let end = (0..=MAX_REASON.min(why.len())).rev().find(|end| why.is_char_boundary(*end));
    end.and_then(|end| why.get(..end)).unwrap_or_default()
}
