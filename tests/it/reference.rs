//! Every block of the documentation compiles, or has exactly the findings that are written in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::compiler;
use crate::expectation;
use crate::tree::{self, expect_none, shown};

/// A block between fences: its info string (`citadel error=unknown_name`), its text, and its first line.
struct Block {
    info: String,
    text: String,
    line: usize,
}

impl Block {
    /// The value of `key=value` in the info string.
    fn attribute(&self, key: &str) -> Option<&str> {
        self.info.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        match (open, line.strip_prefix("```")) {
            (false, Some(info)) => {
                blocks.push(Block { info: info.to_owned(), text: String::new(), line: number + 1 });
                open = true;
            }
            (true, Some(_)) => open = false,
            (true, None) => {
                let block = blocks.last_mut().expect("a block is open");
                block.text.push_str(line);
                block.text.push('\n');
            }
            (false, None) => {}
        }
    }
    blocks.retain(|block| block.info.split_whitespace().next() == Some("citadel"));
    blocks
}

/// A page's blocks, one by one. Blocks with `file=` are files that the other blocks of the page may import.
fn differences(page: &Path) -> Vec<String> {
    let blocks = blocks(&tree::read(page));
    let mut files = BTreeMap::new();
    for block in &blocks {
        if let Some(name) = block.attribute("file") {
            files.insert(name.to_owned(), block.text.clone().into_bytes());
        }
    }
    blocks
        .iter()
        .filter(|block| block.attribute("file").is_none())
        .flat_map(|block| block_differences(page, block, &files))
        .collect()
}

fn block_differences(page: &Path, block: &Block, beside: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let name = "block.citadel".to_owned();
    let mut files = beside.clone();
    files.insert(name.clone(), block.text.clone().into_bytes());
    let found = compiler::check(&files, std::slice::from_ref(&name));
    files.retain(|file, _| *file == name || block.text.contains(&format!("\"./{file}\"")));
    let texts =
        files.into_iter().map(|(file, text)| (file, String::from_utf8_lossy(&text).into_owned())).collect();
    let mut lines = expectation::differences(&texts, &found);
    if let Some(code) = block.attribute("error")
        && !block.text.contains(&format!("[{code}]"))
    {
        lines.push(format!("no line is marked with `{code}`"));
    }
    lines.iter().map(|line| format!("{}:{}: {line}", shown(page), block.line)).collect()
}

fn hold(pages: &[PathBuf]) {
    let failures: Vec<String> = pages.iter().flat_map(|page| differences(page)).collect();
    expect_none("blocks of the documentation", &failures);
}

#[test]
fn blocks_of_the_reference_compile() {
    hold(&tree::files("docs", ".md"));
}

#[test]
fn blocks_of_the_readme_compile() {
    let readme = tree::path("README.md");
    if readme.exists() {
        hold(&[readme]);
    }
}

#[test]
fn blocks_of_the_explanations_compile() {
    hold(&tree::files("explain", ".md"));
}

#[test]
fn links_between_pages_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#:]+\.md)").expect("a pattern");
    let mut failures = Vec::new();
    for page in tree::files("docs", ".md") {
        let text = tree::read(&page);
        for found in link.captures_iter(&text) {
            let target = page.parent().expect("a page lies in a folder").join(&found[1]);
            if !target.exists() {
                failures.push(format!("{}: {}", shown(&page), &found[1]));
            }
        }
    }
    expect_none("dead links", &failures);
}
