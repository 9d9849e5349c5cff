//! Measures the time of a request and its answer.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http_body_util::Empty;
use hyper::Request;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;

use super::http::{self, Fault, fault, read_body};
use super::target::{PATIENCE, Target};

/// The number of answers that are measured.
const SAMPLES: usize = 5;

/// The largest number of connections for that: some servers close theirs after each error.
const CONNECTIONS: usize = 2 * SAMPLES;

/// The time of a request and its answer, for a request that the server answers at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundTrip {
    /// The shortest time.
    pub least: Duration,
    /// The median.
    pub median: Duration,
    /// The longest time.
    pub most: Duration,
}

impl RoundTrip {
    /// The difference between the longest and the shortest time.
    #[must_use]
    pub const fn spread(&self) -> Duration {
        self.most.saturating_sub(self.least)
    }

    fn of(mut samples: Vec<Duration>) -> Option<Self> {
        samples.sort_unstable();
        let (least, most) = (*samples.first()?, *samples.last()?);
        Some(Self { least, median: samples[samples.len() / 2], most })
    }
}

impl Target {
    /// Measures the round trip with requests for a session that does not exist. They leave no state on the server.
    ///
    /// # Errors
    ///
    /// Why nothing could be measured.
    pub async fn round_trip(&self) -> Result<RoundTrip, String> {
        let mut samples = Vec::new();
        let measuring = async {
            for _ in 0..CONNECTIONS {
                let before = samples.len();
                let measured = self.measure(&mut samples).await;
                if samples.len() >= SAMPLES {
                    break;
                }
                // A connection that ends after its first answer has given no sample.
                if let (true, Err(fault)) = (samples.len() == before, measured) {
                    return Err(fault.into_words());
                }
            }
            Ok(())
        };
        let fault = match tokio::time::timeout(PATIENCE, measuring).await {
            Ok(measured) => measured.err(),
            Err(_) => None,
        };
        let no_answer = || format!("there is no answer within {} s", PATIENCE.as_secs());
        RoundTrip::of(samples).ok_or_else(|| fault.unwrap_or_else(no_answer))
    }

    /// Measures on one connection until it ends.
    async fn measure(&self, samples: &mut Vec<Duration>) -> Result<(), Fault> {
        let connection = self.connect().await.map_err(Fault::Unreachable)?;
        let stream = TokioIo::new(connection.stream);
        let (mut sender, serving) = http::client().handshake(stream).await.map_err(|error| fault(&error))?;
        let asking = async {
            while samples.len() < SAMPLES {
                let since = Instant::now();
                self.ask_on(&mut sender).await?;
                samples.push(since.elapsed());
                if sender.ready().await.is_err() {
                    break;
                }
            }
            Ok(())
        };
        tokio::pin!(asking);
        tokio::select! {
            biased;
            asked = &mut asking => asked,
            _ = serving => asking.await,
        }
    }

    async fn ask_on(&self, sender: &mut SendRequest<Empty<Bytes>>) -> Result<(), Fault> {
        let mut request = Request::builder().uri(self.uri("EIO=4&transport=polling&sid=siospec"));
        for (name, value) in self.headers(Vec::new()) {
            request = request.header(name, value);
        }
        let unsendable = |error| Fault::Unreachable(format!("this request cannot be sent: {error}"));
        let request = request.body(Empty::new()).map_err(unsendable)?;
        let response = sender.send_request(request).await.map_err(|error| fault(&error))?;
        read_body(response.into_body(), &mut BytesMut::new()).await
    }
}
