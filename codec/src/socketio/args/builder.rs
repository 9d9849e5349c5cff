//! [`ArgsBuilder`]: arguments put together one by one.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use serde::Serialize;

use super::{Args, ArgsError, TYPICAL_SIZE};
use crate::socketio::bridge::Prefix;
use crate::socketio::json::ser;
use crate::text::Text;

/// Builds [`Args`] one argument at a time, and sends binary ones without copying them.
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::socketio::Args;
///
/// let photo = Bytes::from_static(b"\x89PNG");
/// let args = Args::builder().arg("photo.png")?.binary(photo.clone()).arg(&42)?.build()?;
///
/// assert_eq!(args.items(), r#""photo.png",{"_placeholder":true,"num":0},42"#);
/// assert_eq!(args.attachments()[0].as_ptr(), photo.as_ptr());
/// # Ok::<(), sio_codec::socketio::ArgsError>(())
/// ```
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ArgsBuilder {
    json: String,
    attachments: Vec<Bytes>,
    suspicious: bool,
}

impl ArgsBuilder {
    /// Appends one argument of any shape; binary values inside it become attachments.
    ///
    /// # Errors
    ///
    /// [`ArgsError::Unrepresentable`] when the value cannot be written as JSON.
    pub fn arg<T: Serialize + ?Sized>(mut self, value: &T) -> Result<Self, ArgsError> {
        self.separate();
        self.suspicious |= ser::append_value(&mut self.json, &mut self.attachments, value)
            .map_err(|reason| ArgsError::unwritten(reason, value))?;
        Ok(self)
    }

    /// Appends one binary argument. The bytes are shared, not copied.
    pub fn binary(mut self, bytes: Bytes) -> Self {
        self.separate();
        ser::write_placeholder(&mut self.json, self.attachments.len());
        self.attachments.push(bytes);
        self
    }

    /// The arguments.
    ///
    /// # Errors
    ///
    /// [`ArgsError::PlaceholderInData`] when there are binary values and other data looks like a
    /// placeholder.
    pub fn build(mut self) -> Result<Args, ArgsError> {
        if self.json.is_empty() {
            return Ok(Args::empty());
        }
        if self.suspicious {
            let items = self.json.get(1..).unwrap_or_default();
            ser::refuse_lookalikes(items, Prefix::Empty, self.attachments.len())
                .map_err(|reason| ArgsError::unwritten(reason, items))?;
        }
        self.json.push(']');
        Ok(Args::bare(Text::from(self.json), self.attachments))
    }

    /// Writes the bracket before the first argument and the comma before every other.
    fn separate(&mut self) {
        if self.json.is_empty() {
            self.json.reserve(TYPICAL_SIZE);
            self.json.push('[');
        } else {
            self.json.push(',');
        }
    }
}

impl Args {
    /// Starts an empty list of arguments, to be filled one by one.
    pub fn builder() -> ArgsBuilder {
        ArgsBuilder::default()
    }
}
