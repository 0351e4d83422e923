//! What a script can't reach: files, the network, other processes. Where the kernel can't hold it, that is said.

use std::net::TcpListener;

use citadel::nodes::{Confinement, Shortcoming};
use serde_json::{Value as Json, json};

use crate::script_desk::{Desk, bash, in_language};

/// Whether this machine can't keep scripts from something.
fn lacks(what: Shortcoming) -> bool {
    Confinement::here().shortcomings().contains(&what)
}

/// Whether this machine keeps scripts from something. Where it doesn't, whoever runs one is told.
fn holds(desk: &Desk, what: Shortcoming) -> bool {
    if !lacks(what) {
        return true;
    }
    let told = desk.run(&bash("echo x"), "", &json!({})).ends_with(0).stderr;
    assert!(told.contains(&what.to_string()) && told.contains(what.remedy()), "{told}");
    false
}

#[test]
fn what_this_machine_can_not_do_is_said_once_and_how_to_mend_it() {
    let desk = Desk::new("said");
    let ended = desk.run(&bash("echo x"), "", &json!({})).ends_with(0);
    let all = [
        Shortcoming::NoShell,
        Shortcoming::Files,
        Shortcoming::Network,
        Shortcoming::Processes,
        Shortcoming::Signals,
    ];
    for what in all {
        let count = ended.stderr.matches(&what.to_string()).count();
        assert_eq!(count, usize::from(lacks(what)), "{what}: {}", ended.stderr);
        assert_eq!(ended.stderr.contains(what.remedy()), lacks(what), "{what}: {}", ended.stderr);
    }
}

#[test]
fn a_script_reads_the_system_s_programs_and_nothing_of_people() {
    let desk = Desk::new("reads");
    let home = desk.folder.path().join("home");
    std::fs::create_dir_all(home.join(".ssh")).expect("a folder");
    std::fs::write(home.join(".ssh/id_ed25519"), "the key").expect("a file");
    let desk = desk.knowing("HOME", home.display().to_string());
    let worker = desk.folder.path().join("w.txt");
    std::fs::write(&worker, "the worker's").expect("a file");
    if !holds(&desk, Shortcoming::Files) {
        return;
    }
    let paths = [
        home.join(".ssh/id_ed25519").display().to_string(),
        worker.display().to_string(),
        "/etc/shadow".to_owned(),
        "/etc/sudoers".to_owned(),
        "/proc/1/environ".to_owned(),
        "/proc/self/environ".to_owned(),
        "/root/.bashrc".to_owned(),
        "/dev/mem".to_owned(),
        "/var/log/dpkg.log".to_owned(),
        "../owner".to_owned(),
    ];
    for path in &paths {
        let script = "cat -- \"$1\" 2> /dev/null && echo read";
        let fields = format!("{}\nargs: [input.path]", bash(script));
        let error = desk.ask_with(&fields, "path: string", &json!({ "path": path })).expect_err(path);
        assert_eq!(error["type"], "ScriptFailed", "{path}: {error}");
        let linked = "ln -s -- \"$1\" l; ln -- \"$1\" h 2> /dev/null; cat l h 2> /dev/null && echo read";
        let fields = format!("{}\nargs: [input.path]", bash(linked));
        desk.ask_with(&fields, "path: string", &json!({ "path": path })).expect_err(path);
    }
    for folder in ["/root", "/home", "/tmp", "/proc", "/", "/var", "/etc", ".."] {
        let error = desk.failure(&format!("ls {folder} 2> /dev/null || exit 9"), "");
        assert_eq!(error["details"]["exit_code"], 9, "{folder}: {error}");
    }
    assert_eq!(desk.bash("cat /etc/hosts > /dev/null; cat /usr/bin/env > /dev/null; echo read"), "read");
}

#[test]
fn a_script_writes_to_its_own_folder_alone() {
    let desk = Desk::new("writes");
    if !holds(&desk, Shortcoming::Files) {
        return;
    }
    let outside = desk.folder.path().join("made");
    std::fs::write(desk.folder.path().join("w.txt"), "kept").expect("a file");
    let script = "for path in \"$1\" /tmp/citadel-made /var/tmp/citadel-made /dev/shm/citadel-made ../made ../script.sh; do\n\
        { echo x > \"$path\"; } 2> /dev/null && echo \"$path\"\ndone\n\
        rm -f -- \"$2\" 2> /dev/null; mv -- \"$2\" . 2> /dev/null; chmod 777 .. 2> /dev/null\n\
        mkdir d && echo y > d/f && mv d/f g && ln g h && rm g && cat h";
    let fields = format!("{}\nargs: [\"{}\", input.kept]", bash(script), outside.display());
    let kept = desk.folder.path().join("w.txt").display().to_string();
    let output = desk.ask_with(&fields, "kept: string", &json!({ "kept": kept })).expect("it runs");
    assert_eq!(output["result"], "y");
    assert!(!outside.exists() && desk.folder.path().join("w.txt").exists());
}

/// Connects to a port of this machine and says how that went.
const CONNECT: &str = "import socket, sys\n\
    try:\n    socket.create_connection(('127.0.0.1', int(sys.argv[1])), 20).close()\n    print('connected')\n\
    except OSError as error:\n    print('refused', error.errno)";

#[test]
fn the_network_is_off_unless_the_node_says_otherwise() {
    let desk = Desk::new("network");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let ask = |script: &str, more: &str| {
        let fields = format!("{}\nargs: [input.port]\n{more}", in_language("python", script));
        let answer = desk.ask_with(&fields, "port: string", &json!({ "port": port }));
        answer.unwrap_or_else(|error| panic!("{error}"))["result"].take()
    };
    assert_eq!(ask(CONNECT, "network: true"), "connected");
    let off = if lacks(Shortcoming::Network) { "connected" } else { "refused 13" };
    assert_eq!(ask(CONNECT, ""), off);
    assert_eq!(ask(CONNECT, "network: false"), off);
    if !holds(&desk, Shortcoming::Network) {
        return;
    }
    let families = "import socket\nfor family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_PACKET, socket.AF_NETLINK, socket.AF_VSOCK):\n  \
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):\n    \
        try:\n      socket.socket(family, kind)\n      print('made', family, kind)\n    except OSError: pass\nprint('end')";
    assert_eq!(ask(families, ""), "end");
    // Services of this machine are no network.
    let local = "import socket\ntry:\n  socket.socket(socket.AF_UNIX)\n  print('made')\nexcept OSError: print('refused')";
    assert_eq!(ask(local, "network: true"), "refused");
    let pair = "import socket\na, b = socket.socketpair()\na.send(b'x')\nprint(b.recv(1).decode())";
    assert_eq!(ask(pair, ""), "x", "what leads only to itself");
}

#[test]
fn other_processes_are_out_of_reach() {
    let desk = Desk::new("processes");
    let own = std::process::id();
    if holds(&desk, Shortcoming::Signals) {
        let script = format!(
            "kill -0 {own} 2> /dev/null && echo reached; [ $PPID != 0 ] && kill -0 $PPID 2> /dev/null && echo reached; echo end"
        );
        assert_eq!(desk.bash(&script), "end");
        // All that it may signal; the worker goes on and says how the script ended.
        let error = desk.failure("kill -TERM -1; kill -KILL -1; kill -KILL 0; exit 7", "");
        let expected = ["ScriptFailed", "ScriptKilled"].map(Json::from);
        assert!(expected.contains(&error["type"]), "{error}");
    }
    if holds(&desk, Shortcoming::Processes) {
        let number: u64 = desk.bash("echo $$").as_str().and_then(|text| text.parse().ok()).expect("a number");
        assert!(number < 20, "it sees its own processes' numbers: {number}");
    }
    if holds(&desk, Shortcoming::Network) {
        for call in ["unshare --user true", "unshare --net true", "mount -t tmpfs x .", "chroot . true"] {
            let error = desk.failure(&format!("{call} 2> /dev/null || exit 9"), "");
            assert_eq!(error["details"]["exit_code"], 9, "{call}: {error}");
        }
    }
    let terminal = desk.failure("echo x > /dev/tty || exit 9", "");
    assert_eq!(terminal["details"]["exit_code"], 9, "{terminal}");
}
