//! Scripts that use more than they may, that leave others behind, and that never end.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::script_desk::{Desk, bash, in_language, survivors};

/// The kind of limit that a script was killed for.
fn killed_for(error: &Json) -> &str {
    assert_eq!(error["type"], "ScriptKilled", "{error}");
    error["details"]["limit"].as_str().unwrap_or_default()
}

#[test]
fn one_that_takes_too_much_memory_is_killed() {
    let desk = Desk::new("memory");
    let hold = "limits { memory: 64MiB }";
    let grow = "import os\nbig = []\nwhile True: big.append(b'x' * (1 << 20))";
    let error = desk.ask(&format!("{}\n{hold}", in_language("python", grow))).expect_err("it grows");
    assert_eq!(killed_for(&error), "memory");
    assert_eq!(error["message"], "the script was killed: it used more memory than it may");
    // Together they count as much as alone.
    let fork = "import os, time\nfor _ in range(8):\n  if os.fork() == 0:\n    big = bytearray(os.urandom(1 << 20)) * 16\n    time.sleep(1000)\ntime.sleep(1000)";
    let error = desk.ask(&format!("{}\n{hold}", in_language("python", fork))).expect_err("they grow");
    assert_eq!(killed_for(&error), "memory");
    let fits = desk.ask(&format!("{}\n{hold}", in_language("python", "print(len(b'x' * (8 << 20)))")));
    assert_eq!(fits.map(|output| output["result"].clone()), Ok("8388608".into()));
    let node = desk
        .ask(&in_language("node", "const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()))"));
    assert!(["memory", ""].contains(&killed_for(&node.expect_err("it grows"))), "or it gives up by itself");
    assert_eq!(desk.left(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn one_that_computes_too_long_is_killed() {
    let desk = Desk::new("cpu");
    let hold = "limits { cpu_time: 200ms }";
    for script in [
        "while :; do :; done",
        "for i in 1 2 3 4; do while :; do :; done & done; wait",
        "while :; do (:); done",
    ] {
        let error = desk.failure(script, hold);
        assert_eq!(killed_for(&error), "cpu_time", "{script}: {error}");
        assert_eq!(error["message"], "the script was killed: it used more time of the processor than it may");
    }
    assert_eq!(
        desk.ask(&format!("{}\n{hold}", bash("sleep 0.3; echo x"))).map(|it| it["result"].clone()),
        Ok("x".into())
    );
}

#[test]
fn one_that_writes_too_much_into_files_is_killed() {
    let desk = Desk::new("files");
    let error = desk.failure("dd if=/dev/zero of=big bs=1M count=300 2> /dev/null; exit 5", "");
    // The signal ends the program that writes, and the script may go on.
    assert_eq!(error["details"]["exit_code"], 5, "{error}");
    let error = desk.failure("exec dd if=/dev/zero of=big bs=1M count=300 2> /dev/null", "");
    assert_eq!(killed_for(&error), "file_size");
    // So many that no folder may hold them; they are counted from time to time.
    let many = "import time\nfor n in range(100_200): open(str(n), 'w').close()\ntime.sleep(1000)";
    let error = desk.ask(&in_language("python", many)).expect_err("too many files");
    assert_eq!(killed_for(&error), "files");
    assert_eq!(desk.left(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn one_that_multiplies_is_killed_with_all_of_them() {
    let desk = Desk::new("bomb");
    let marker = Marker::of(&desk);
    // Bounded, should all else fail.
    let bomb = "import os, sys, time\nfor _ in range(10):\n  try: os.fork()\n  except OSError: pass\ntime.sleep(float(sys.argv[1]))";
    let fields = format!("{}\nargs: [\"{}\"]", in_language("python", bomb), marker.0);
    let error = desk.ask(&fields).expect_err("it multiplies");
    assert_eq!(killed_for(&error), "processes", "{error}");
    marker.is_gone();
    let threads = "import threading, time\nfor _ in range(700): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()";
    let error = desk.ask(&in_language("python", threads)).expect_err("it multiplies");
    let is_refused = error["type"] == "ScriptFailed" || killed_for(&error) == "processes";
    assert!(is_refused, "{error}");
}

#[test]
fn whoever_leaves_the_script_is_gone_after_it() {
    let desk = Desk::new("escape");
    let marker = Marker::of(&desk);
    let number = &marker.0;
    let escapes = [
        format!("sleep {number} & disown; echo x"),
        format!("setsid sleep {number} > /dev/null 2>&1 < /dev/null & echo x"),
        format!("(setsid setsid nohup sleep {number} > /dev/null 2>&1 &) ; echo x"),
        format!("trap '' TERM HUP INT; (trap '' TERM; sleep {number}) > /dev/null 2>&1 & echo x"),
        format!("sleep {number} & exec 1>&- 2>&-; exit 0"),
    ];
    for script in escapes {
        let result = desk.bash(&script);
        assert!(result == "x" || result.as_str() == Some(""), "{script}: {result}");
        marker.is_gone();
    }
    let twice = "import os, sys, time\n\
        if os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n    os.closerange(0, 3)\n    os.execvp('sleep', ['sleep', sys.argv[1]])\n  os._exit(0)\nos.wait()\nprint('x')";
    let output =
        desk.ask(&format!("{}\nargs: [\"{number}\"]", in_language("python", twice))).expect("it ends");
    assert_eq!(output["result"], "x");
    marker.is_gone();
    let failed = desk.failure(&format!("setsid sleep {number} & exit 3"), "");
    assert_eq!(failed["details"]["exit_code"], 3);
    marker.is_gone();
    assert_eq!(desk.left(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_folder_goes_however_its_script_left_it() {
    let desk = Desk::new("folder");
    let made = desk.bash(
        "mkdir -p a/b; echo x > a/b/f; chmod 000 a/b a; chmod 500 .; ln -s / root; mkfifo p; echo made",
    );
    assert_eq!(made, "made");
    let deep = "import os\nfor _ in range(3000):\n  os.mkdir('d'); os.chdir('d')\nprint('deep')";
    let output = desk.ask(&in_language("python", deep)).expect("it digs");
    assert_eq!(output["result"], "deep");
    desk.failure("touch f; exit 1", "");
    assert_eq!(desk.left(), Vec::<std::path::PathBuf>::new());
    assert!(Path::new("/etc").exists());
}

#[test]
fn one_that_takes_too_long_ends_with_all_that_it_started() {
    let desk = Desk::new("time-out");
    let marker = Marker::of(&desk);
    let number = &marker.0;
    for script in [
        format!("sleep {number}"),
        format!(
            "trap '' TERM INT HUP; setsid sleep {number} & sleep {number} & while :; do sleep {number}; done"
        ),
        format!("kill -STOP $$; sleep {number}"),
        format!("yes | sleep {number}"),
    ] {
        let error = desk.failure(&script, "timeout: 500ms");
        assert_eq!(
            error,
            json!({ "type": "Timeout", "message": "no answer within 0.5 s", "details": null }),
            "{script}"
        );
        marker.is_gone();
    }
    // One that hears that it is to end may clear up.
    assert_eq!(desk.left(), Vec::<std::path::PathBuf>::new());
}

/// A time to sleep that no other test and no run of this one has, by which processes are known.
struct Marker(String);

impl Marker {
    fn of(desk: &Desk) -> Self {
        Self(desk.marker())
    }

    fn is_gone(&self) {
        assert_eq!(survivors(&self.0), Vec::<String>::new());
    }
}
