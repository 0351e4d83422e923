//! A line to a server that can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// All connections to a server that go through one address.
pub(crate) struct Wire {
    address: SocketAddr,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    pub(crate) fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let open = Arc::new(Mutex::new(Vec::new()));
        let (server, known) = (server.to_owned(), Arc::clone(&open));
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect(&server) else { continue };
                let own = |stream: &TcpStream| stream.try_clone().expect("a second handle");
                known.lock().expect("whole").extend([own(&near), own(&far)]);
                let (back_from, back_to) = (own(&far), own(&near));
                std::thread::spawn(move || pass(near, far));
                std::thread::spawn(move || pass(back_from, back_to));
            }
        });
        Self { address, open }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Ends all connections; new ones may be made.
    pub(crate) fn cut(&self) {
        for stream in self.open.lock().expect("whole").drain(..) {
            // It may have ended by itself.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16_384];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
