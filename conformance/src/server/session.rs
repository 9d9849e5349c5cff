//! A session: its machine, which is behind a lock, and those who drive it.
//!
//! A request drives the machine from its own task, so that an answer that is there at once needs no other one. What does not
//! come with a request is up to the session's own task:
//!
//! | event | when the task waits for it |
//! |---|---|
//! | a deadline of the machine | always |
//! | a message on the WebSocket | while the machine wants input |
//! | the WebSocket has room again | while it has none |
//! | another session has something for this one | always |
//! | a request changed what the task has to do | always |
//! | no request can come any more | while there is no WebSocket |
//!
//! Nothing queues up here. What the WebSocket has no room for stays in the machine, which counts it. What the machine
//! has no room for stays in the WebSocket, and so at the peer. Nobody waits while it holds the lock.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use sio_codec::engineio::server::{self, Handshake, Input, Outlet as _, RequestId, SessionRequest, WsId};
use sio_codec::{Clock, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::alarm::Alarm;
use super::app::App;
use super::bounds;
use super::line::Line;
use super::pending::{Pending, Waiting};
use super::websocket::{Happening, Socket};
use crate::contract::{Application, Entropy, Kind};

/// A session, for its requests and its task.
#[derive(Debug)]
pub(super) struct Session {
    state: Mutex<State>,
    clock: Clock,
    /// Notified when the session's task has to look at the machine.
    call: Arc<Notify>,
    /// Where its WebSockets say goodbye.
    tasks: TaskTracker,
}

#[derive(Debug)]
enum State {
    Live(Live),
    Over,
}

#[derive(Debug)]
struct Live {
    driver: Driver,
    /// The deadline that the session's task knows of.
    known: Option<Timestamp>,
}

type Driver = server::Driver<Application, Waiting, Line>;

/// What the session's task waits for.
#[derive(Clone, Copy, Debug)]
struct Awaited {
    deadline: Option<Timestamp>,
    /// Whether there is no WebSocket.
    polls: bool,
}

impl Session {
    /// Starts a session and its task.
    pub(super) fn open(app: &Arc<App>, kind: Kind, handshake: Handshake) -> Pending {
        let id = RequestId(app.next_id());
        let carrier = handshake.carrier(id);
        let (sid, application) = app.site.accept(kind, handshake, app.clock.now(), carrier, &mut Entropy::System);
        let call = application.call().unwrap_or_default();
        let (reply, answer) = Waiting::channel();
        let mut state = State::Live(Live { driver: Driver::new(application, carrier, reply), known: None });
        state.settle();
        let session = Arc::new(Self { state: Mutex::new(state), clock: app.clock, call, tasks: app.tasks.clone() });
        app.sessions.enter(kind, sid.clone(), Arc::clone(&session));
        let (task, app) = (Arc::clone(&session), Arc::clone(app));
        session.tasks.spawn(async move {
            task.run(&app.stop_waiting).await;
            app.sessions.leave(kind, sid);
        });
        Pending::new(id, session, answer)
    }

    /// A request arrived.
    pub(super) fn ask(self: Arc<Self>, id: RequestId, to: SessionRequest) -> Pending {
        let (reply, answer) = Waiting::channel();
        self.drive(|driver, now| driver.request(now, to, id, reply));
        Pending::new(id, self, answer)
    }

    /// Something else happened.
    pub(super) fn handle(&self, input: Input) {
        self.drive(|driver, now| driver.handle(now, input));
    }

    /// An accepted WebSocket is established; `None` if its client went away.
    pub(super) fn establish(&self, ws: WsId, socket: Option<Box<Socket>>) {
        let Some(socket) = socket else { return self.handle(Input::WsClosed { ws }) };
        let mut line = Some(Line::new(socket, self.tasks.clone()));
        self.drive(|driver, _| line = line.take().and_then(|line| driver.attach(ws, line)));
        // The session may have ended, or dropped it, before it was established.
        if let Some(line) = line {
            line.close();
        }
    }

    /// The server shuts down.
    pub(super) fn close(&self) {
        self.drive(|driver, now| driver.machine().close(now));
    }

    /// Ends the session without notice.
    pub(super) fn abandon(&self) {
        *self.state() = State::Over;
        self.call.notify_one();
    }

    /// Does something with the machine of a session that is not over, and calls the session's task if it has to know.
    fn drive(&self, act: impl FnOnce(&mut Driver, Timestamp)) {
        let mut state = self.state();
        let State::Live(live) = &mut *state else { return };
        act(&mut live.driver, self.clock.now());
        state.settle();
        if state.concerns_task() {
            self.call.notify_one();
        }
    }

    async fn run(&self, stop_waiting: &CancellationToken) {
        // What seldom happens is waited for once, and not anew for each message.
        let mut called = pin!(self.call.notified());
        let mut stopped = pin!(stop_waiting.cancelled());
        let mut alarm = Alarm::new(self.clock);
        while let Some(Awaited { deadline, polls }) = self.settle() {
            alarm.set(deadline);
            tokio::select! {
                // What is seldom ready is looked at when there is nothing else; what it means is not lost until then.
                biased;
                () = alarm.ring() => self.time_out(),
                () = self.listen() => {}
                () = &mut called => called.set(self.call.notified()),
                // Nobody can fetch the close packet.
                () = &mut stopped, if polls => self.abandon(),
            }
        }
    }

    /// Carries out what the machine wants done; `None` when the session is over.
    fn settle(&self) -> Option<Awaited> {
        let mut state = self.state();
        state.settle();
        let State::Live(live) = &mut *state else { return None };
        live.known = live.driver.next_deadline();
        Some(Awaited { deadline: live.known, polls: live.driver.ends().1.is_none() })
    }

    fn time_out(&self) {
        if let State::Live(live) = &mut *self.state() {
            live.driver.handle_timeout(self.clock.now());
        }
    }

    /// Waits for the WebSocket, and takes what it says.
    async fn listen(&self) {
        poll_fn(|context| self.state().poll_line(context, self.clock)).await;
    }

    /// A machine that panicked is not used again.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            let mut state = poisoned.into_inner();
            *state = State::Over;
            state
        })
    }
}

impl State {
    /// Carries out what the machine wants done. Its only event is its end.
    fn settle(&mut self) {
        if let Self::Live(live) = self
            && live.driver.poll_event().is_some()
        {
            *self = Self::Over;
        }
    }

    /// Whether the session's task waits for something else now: what is to be written to the WebSocket, an earlier deadline,
    /// or nothing any more.
    fn concerns_task(&mut self) -> bool {
        let Self::Live(Live { driver, known }) = self else { return true };
        let is_earlier = |deadline| known.is_none_or(|known| deadline < known);
        driver.ends().1.is_some() || driver.next_deadline().is_some_and(is_earlier)
    }

    fn poll_line(&mut self, context: &mut Context<'_>, clock: Clock) -> Poll<()> {
        // What arrived together is handled together.
        for handled in 0..bounds::MESSAGES_AT_ONCE {
            let Self::Live(Live { driver, .. }) = self else { break };
            let listening = driver.wants_input();
            let happening = match driver.ends().1 {
                Some((ws, line)) => line.poll(context, listening).map(|happening| (ws, happening)),
                None => Poll::Pending,
            };
            match happening {
                Poll::Ready((ws, Happening::Message(frame))) => {
                    driver.handle(clock.now(), Input::WsFrame { ws, frame })
                }
                // The machine gets this before it is asked for more output.
                Poll::Ready((_, Happening::Written)) => break,
                Poll::Ready((ws, Happening::Ended(end))) => {
                    if let Some(line) = driver.detach(ws) {
                        line.dismiss(end);
                    }
                    driver.handle(clock.now(), Input::WsClosed { ws });
                    break;
                }
                Poll::Pending if handled == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
            self.settle();
        }
        // A deadline may have changed, and others have a turn.
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use sio_codec::engineio::server::{Answer, Route};
    use sio_codec::engineio::{RequestHead, Sid};

    use super::*;
    use crate::contract::{Eio3, Site};

    fn app() -> Arc<App> {
        Arc::new(App::new(Site::contract(Eio3::Refused).unwrap(), None, Clock::start()))
    }

    fn route(app: &App, method: &str, query: &str) -> Route {
        let content_type = Some("text/plain");
        app.site.route(&RequestHead { method, query, content_type, origin: None, wants_websocket: false }).unwrap()
    }

    /// The answer, if it is there without the session's task, which has no turn in here.
    fn at_once(pending: &mut Pending) -> Option<String> {
        match pending.answer().now_or_never()?? {
            Answer::Response(response) => Some(String::from_utf8(response.body.to_vec()).unwrap()),
            Answer::WebSocket(ws) => panic!("{ws:?} was not asked for"),
        }
    }

    /// A session whose open packet was fetched.
    fn opened(app: &Arc<App>) -> (Arc<Session>, Sid) {
        let Route::Handshake(handshake) = route(app, "GET", "EIO=4&transport=polling") else { panic!("no handshake") };
        let mut pending = Session::open(app, Kind::Engine, handshake);
        let open = at_once(&mut pending).unwrap();
        let sid = open.split('"').nth(3).and_then(Sid::from_wire).unwrap();
        (Arc::clone(pending.session()), sid)
    }

    fn request(app: &App, method: &str, sid: &Sid) -> SessionRequest {
        match route(app, method, &format!("EIO=4&transport=polling&sid={}", sid.as_str())) {
            Route::Session(request) => request,
            route => panic!("no request of a session: {route:?}"),
        }
    }

    fn poll(app: &App, session: &Arc<Session>, sid: &Sid) -> Pending {
        Arc::clone(session).ask(RequestId(app.next_id()), request(app, "GET", sid))
    }

    fn post(app: &App, session: &Arc<Session>, sid: &Sid, body: &'static str) {
        let id = RequestId(app.next_id());
        let mut pending = Arc::clone(session).ask(id, request(app, "POST", sid));
        session.handle(Input::Body { id, body: body.into() });
        assert_eq!(at_once(&mut pending).as_deref(), Some("ok"));
    }

    #[tokio::test]
    async fn requests_are_answered_without_the_sessions_task() {
        let app = app();
        let (session, sid) = opened(&app);
        post(&app, &session, &sid, "4hello");
        assert_eq!(at_once(&mut poll(&app, &session, &sid)).as_deref(), Some("4hello"));
        let mut early = poll(&app, &session, &sid);
        assert_eq!(at_once(&mut early), None);
        post(&app, &session, &sid, "4again");
        assert_eq!(at_once(&mut early).as_deref(), Some("4again"));
    }

    #[tokio::test]
    async fn a_session_learns_that_the_client_of_a_request_has_gone() {
        let app = app();
        let (session, sid) = opened(&app);
        drop(poll(&app, &session, &sid));
        app.tasks.close();
        app.tasks.wait().await;
        assert!(app.sessions.find(Kind::Engine, &sid).is_none(), "it ended with its transport");
    }

    #[tokio::test]
    async fn the_task_of_a_session_ends_with_it() {
        let ends: [fn(&App, &Arc<Session>, &Sid); 3] = [
            |_, session, _| session.abandon(),
            |app, session, sid| post(app, session, sid, "1"),
            |app, session, sid| {
                session.close();
                let farewell = at_once(&mut poll(app, session, sid)).unwrap();
                assert!(farewell.ends_with('1'), "{farewell}");
            },
        ];
        for end in ends {
            let app = app();
            let (session, sid) = opened(&app);
            // Its task waits for a deadline by then.
            tokio::task::yield_now().await;
            end(&app, &session, &sid);
            assert_eq!(at_once(&mut poll(&app, &session, &sid)), None, "it is over");
            app.tasks.close();
            app.tasks.wait().await;
            assert!(app.sessions.find(Kind::Engine, &sid).is_none());
        }
    }

    #[tokio::test]
    async fn a_machine_that_panicked_is_not_used_again() {
        let app = app();
        let (session, sid) = opened(&app);
        let broken = Arc::clone(&session);
        std::thread::spawn(move || broken.drive(|_, _| panic!("a defect of the machine"))).join().unwrap_err();
        assert_eq!(at_once(&mut poll(&app, &session, &sid)), None);
        app.tasks.close();
        app.tasks.wait().await;
        assert!(app.sessions.find(Kind::Engine, &sid).is_none());
    }
}
