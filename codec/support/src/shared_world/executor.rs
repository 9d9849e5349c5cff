//! Polls tasks by hand, only those that were woken.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

type Life = Pin<Box<dyn Future<Output = ()>>>;

/// Tasks, and the order in which they get their turns.
#[derive(Clone, Default)]
pub(super) struct Executor(Rc<Inner>);

#[derive(Default)]
struct Inner {
    /// Those that are not being polled.
    tasks: RefCell<Vec<Task>>,
    /// What woke, or could have woken, tasks that are over.
    over: RefCell<Vec<Weak<Flag>>>,
    /// How much the tasks have done that another one could see.
    progress: Cell<u64>,
}

struct Task {
    name: &'static str,
    life: Life,
    flag: Arc<Flag>,
}

/// Whether something was woken.
pub(super) struct Flag(AtomicBool);

impl Flag {
    /// Something that is to be polled first of all.
    pub(super) fn raised() -> Arc<Self> {
        Arc::new(Self(AtomicBool::new(true)))
    }

    pub(super) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn lower(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }

    fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.raise();
    }
}

impl Executor {
    pub(super) fn spawn(&self, name: &'static str, life: impl Future<Output = ()> + 'static) {
        self.0.tasks.borrow_mut().push(Task { name, life: Box::pin(life), flag: Flag::raised() });
    }

    pub(super) fn progressed(&self) {
        self.0.progress.set(self.0.progress.get() + 1);
    }

    /// Polls one of the tasks that were woken, which is chosen from so many; `false` if there is none.
    pub(super) fn turn(&self, choose: impl Fn(usize) -> usize) -> bool {
        let woken: Vec<_> = {
            let tasks = self.0.tasks.borrow();
            (0..tasks.len()).filter(|at| tasks[*at].flag.is_raised()).collect()
        };
        if woken.is_empty() {
            return false;
        }
        self.poll(woken[choose(woken.len())]);
        true
    }

    /// Polls what was woken until nothing is.
    ///
    /// # Panics
    ///
    /// Panics if that does not end.
    pub(super) fn run(&self, choose: impl Fn(usize) -> usize) {
        for _ in 0..100_000 {
            if !self.turn(&choose) {
                return;
            }
        }
        panic!("these wake each other without end: {:?}", self.names());
    }

    /// A task that was not woken has nothing to do. From now on only new wakers wake: a task may be moved.
    ///
    /// # Panics
    ///
    /// Panics if one has something to do.
    pub(super) fn none_is_forgotten(&self) {
        let count = self.0.tasks.borrow().len();
        let before = self.0.progress.get();
        for at in 0..count {
            let name = {
                let task = &mut self.0.tasks.borrow_mut()[at];
                self.0.over.borrow_mut().push(Arc::downgrade(&task.flag));
                task.flag = Flag::raised();
                task.name
            };
            self.poll(at);
            let left = self.0.tasks.borrow().len();
            assert!(left == count && self.0.progress.get() == before, "{name} was not woken");
        }
    }

    pub(super) fn names(&self) -> Vec<&'static str> {
        self.0.tasks.borrow().iter().map(|task| task.name).collect()
    }

    /// How many wakers of tasks that are over are kept somewhere.
    pub(super) fn wakers_of_the_dead(&self) -> usize {
        self.0.over.borrow().iter().filter(|flag| flag.strong_count() > 0).count()
    }

    fn poll(&self, at: usize) {
        let mut task = {
            let mut tasks = self.0.tasks.borrow_mut();
            let last = tasks.len() - 1;
            tasks.swap(at, last);
            tasks.pop().expect("it is there")
        };
        task.flag.lower();
        let waker = Waker::from(Arc::clone(&task.flag));
        match task.life.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => {
                let mut tasks = self.0.tasks.borrow_mut();
                tasks.push(task);
                // Where it was.
                let last = tasks.len() - 1;
                tasks.swap(at.min(last), last);
            }
            Poll::Ready(()) => {
                self.progressed();
                self.0.over.borrow_mut().push(Arc::downgrade(&task.flag));
            }
        }
    }
}
