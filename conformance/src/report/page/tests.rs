//! The page of fixed runs.

use serde_json::{Value, json};

use super::{Column, Data, Matrix, runs, shell};
use crate::aliases::Aliases;
use crate::cases::{Case, Origin};
use crate::replay::is_invisible;
use crate::report::results::Results;
use crate::trace::Trace;

/// A text that a server could send to break the page.
const HOSTILE: &str = "</script><script>alert(1)</script><!-- \u{2028}\u{2029}\u{0}\u{1b}[2J\u{7f}\u{202e}&\"'{{ x }}";

fn case(id: &str, verdict: &str, fails: bool, text: &str) -> Value {
    json!({
        "id": id, "title": format!("It is {text}"), "level": "must", "requirements": ["EIO4-HB-01", "EIO4-NEW-01"],
        "seen": ["CVE-2020-36048"], "verdict": verdict, "failsRun": fails, "reason": null, "durationMs": 312,
        "finding": (verdict == "failed").then(|| json!({
            "requirement": "EIO4-NEW-01", "sentence": "A rule of later.", "basis": "specification", "level": "must",
            "line": 6, "expected": "text 2", "observed": text,
        })),
        "reproduce": format!("siospec run {id}"),
        "conversation": [
            {"atMs": 0, "channel": "ws", "sender": "client", "text": "open EIO=4", "mark": "expected"},
            {"atMs": 309, "channel": "ws", "sender": "server", "text": format!("text 4{text}"), "mark": "fault"},
            {"atMs": 310, "channel": "", "sender": null, "text": "(a remark)", "mark": "set-aside"},
        ],
    })
}

fn results(cases: &[Value]) -> Results {
    serde_json::from_value(json!({
        "format": 1, "siospec": "0.0.9", "traces": null, "seed": 7, "started": "2026-01-02T03:04:05Z", "gate": "must",
        "target": {"kind": "server", "url": "http://127.0.0.1:3000", "survey": null, "summary": ["/socket.io/  <echoes>"]},
        "judgement": "failed", "reason": null, "durationMs": 2500,
        "totals": {"passed": 1, "failed": 1, "flaky": 0, "crash": 0, "heldUp": 0, "inconclusive": 0, "panicked": 0,
            "driverFault": 0, "notPlayed": 0, "notApplicable": 0, "failing": 1},
        "cases": cases,
    }))
    .unwrap()
}

fn suite() -> Vec<Case> {
    let source =
        "title     A ping\ncovers    EIO4-HB-01\nlevel     must\n\nws C open    EIO=4\nws S text    2  @ ..300ms\n";
    let case = |id: &str| Case { id: id.to_owned(), trace: Trace::parse(id, source).unwrap(), origin: Origin::Written };
    vec![case("eio4/a/failed"), case("eio4/a/passed")]
}

fn page(columns: &[(&str, &Results)]) -> String {
    let columns: Vec<_> = columns.iter().map(|(name, results)| Column { name, results }).collect();
    runs(&columns, &suite())
}

/// The JSON of a page, read as a browser reads it.
fn embedded(page: &str) -> Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn the_page_of_a_run() {
    let results =
        results(&[case("eio4/a/failed", "failed", true, "<b>"), case("eio4/a/passed", "passed", false, "well")]);
    let page = page(&[("local", &results)]);
    let (top, rest) = page.split_once("<body").unwrap();
    let (body, _) = rest.split_once("<script type").unwrap();
    assert!(top.contains("<title>siospec: http://127.0.0.1:3000</title>"));
    insta::assert_snapshot!("body", body);
    insta::assert_snapshot!("data", format!("{:#}", embedded(&page)));
}

#[test]
fn several_runs_stand_side_by_side() {
    let (one, other) = (
        results(&[case("eio4/a/failed", "failed", true, "x"), case("eio4/a/passed", "passed", false, "y")]),
        results(&[
            case("eio4/a/failed", "passed", false, "x"),
            case("new/one", "not-applicable", false, "z"),
            case("new/two", "unsupported", false, "z"),
        ]),
    );
    let page = page(&[("one", &one), ("other", &other)]);
    let data = embedded(&page);
    let verdicts = |case: &Value| -> Vec<Option<String>> {
        let results = case["results"].as_array().unwrap();
        results.iter().map(|result| result["verdict"].as_str().map(str::to_owned)).collect()
    };
    let words = |words: &[Option<&str>]| words.iter().map(|word| word.map(str::to_owned)).collect::<Vec<_>>();
    let found: Vec<_> = data["items"].as_array().unwrap().iter().map(verdicts).collect();
    let expected = [
        words(&[Some("failed"), Some("passed")]),
        words(&[Some("passed"), None]),
        words(&[None, Some("not applicable")]),
        words(&[None, Some("unsupported")]),
    ];
    assert_eq!(found, expected);
    assert_eq!(data["columns"], json!(["one", "other"]));
    // It has a filter of its own.
    assert!(page.contains("<option value=\"unsupported\">unsupported (1)</option>"), "{page}");
    assert_eq!(page.matches("data-tones=\"unsupported mixed\"").count(), 1, "{page}");
    // A case that this siospec does not know has no expected conversation.
    assert_eq!(data["items"][2]["steps"], Value::Null);
    assert_eq!(page.matches("data-tones=\"bad good mixed\"").count(), 1, "{page}");
}

#[test]
fn a_renamed_case_is_in_the_row_of_its_new_id() {
    let (old, new) = (results(&[case("a/old", "passed", false, "x")]), results(&[case("a/new", "passed", false, "x")]));
    let columns = [Column { name: "old", results: &old }, Column { name: "new", results: &new }];
    let aliases = Aliases::known().and([("a/old".to_owned(), "a/new".to_owned())]);
    let matrix = Matrix::of(&columns, &aliases);
    assert_eq!(matrix.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["a/new"]);
    let data = serde_json::to_value(Data::of(&matrix, &columns, &[])).unwrap();
    assert_eq!(data["items"][0]["results"].as_array().unwrap().len(), 2);
}

#[test]
fn no_text_of_a_server_becomes_html() {
    let results = results(&[case(&format!("a/{HOSTILE}"), "failed", true, HOSTILE)]);
    let page = page(&[(HOSTILE, &results)]);
    let plain = page.replace("<script type=\"application/json\" id=\"data\">", "").replacen("<script>", "", 1);
    assert!(!plain.contains("<script"), "{plain}");
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<!--"));
    assert!(!page.chars().any(|character| is_invisible(character) && character != '\n'));
    let data = embedded(&page);
    let observed = data["items"][0]["results"][0]["finding"]["observed"].as_str().unwrap();
    assert!(observed.starts_with("</script><script>alert(1)</script><!-- \\u{2028}\\u{2029}\\u{0}"), "{observed}");
}

#[test]
fn embedded_json_is_read_as_it_was_written() {
    let hostile = format!("{HOSTILE}\u{e0041}\u{1f600}\\u003c\n");
    let text = shell::embedded(&hostile);
    assert!(text.is_ascii() || text.contains('\u{1f600}'));
    assert!(!text.contains(['<', '>', '&', '\u{2028}', '\u{7f}', '\u{e0041}']), "{text}");
    assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
}

#[test]
fn the_policy_allows_the_scripts_of_the_page_and_nothing_else() {
    let page = page(&[("local", &results(&[]))]);
    let (_, rest) = page.split_once("http-equiv=\"Content-Security-Policy\" content=\"").unwrap();
    let (policy, _) = rest.split_once('"').unwrap();
    assert!(policy.starts_with("default-src &#39;none&#39;; script-src &#39;sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    // Everything that would be loaded, and attributes that the policy would refuse.
    assert!(!["src=\"", "style=\"", " onclick", "@import", "url("].iter().any(|word| page.contains(word)));
}

#[test]
fn a_run_without_cases_has_a_page_that_says_why() {
    let mut results = results(&[]);
    results.end.reason = Some("http://127.0.0.1:3000 cannot be reached".to_owned());
    let page = page(&[("local", &results)]);
    assert!(page.contains("<p class=\"reason\">http://127.0.0.1:3000 cannot be reached</p>"));
    assert!(page.contains("No case was played."));
}
