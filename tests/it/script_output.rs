//! What a script prints, and what becomes of it.

use serde_json::json;

use crate::script_desk::{Desk, bash};

#[test]
fn a_script_gives_what_it_prints() {
    let desk = Desk::new("prints");
    let output = desk.ask(&bash("echo hello\necho more >&2"));
    assert_eq!(
        output,
        Ok(json!({ "result": "hello", "stdout": "hello\n", "stderr": "more\n", "exit_code": 0 }))
    );
    assert_eq!(desk.left(), Vec::<std::path::PathBuf>::new());
}
