use expect_test::expect;

use super::to_html;

#[test]
fn markdown_becomes_html() {
    let shown = to_html(
        "**Passed** at 8365c6f975f53a017c499fbc6fe41c878f28fe8a: `abc`\n\n| Job | State |\n| --- | --- |\n| unit | Succeeded |\n\n[The whole run](http://127.0.0.1:1/runs/2)\n\n<!-- marker -->",
    );
    expect![[r#"
        <p><strong>Passed</strong> at 8365c6f: <code>abc</code></p>
        <table><thead><tr><th>Job</th><th>State</th></tr></thead><tbody>
        <tr><td>unit</td><td>Succeeded</td></tr>
        </tbody></table>
        <p><a href="http://127.0.0.1:1/runs/2">The whole run</a></p>
    "#]]
    .assert_eq(&shown);
}

#[test]
fn nothing_of_an_author_is_html() {
    let shown = to_html(
        "a <b onclick=x>b</b> @\u{200b}ana\u{202e}<!-- inside -->\n\n<script>alert(1)</script>\n\n<!-- of\nmore\nlines -->\n\n![cat](http://x/cat.png) [out](javascript:alert(1)) <javascript:alert(1)>",
    );
    expect![[r#"
        <p>a &lt;b onclick=x&gt;b&lt;/b&gt; @ana\u{202e}</p>
        <p>&lt;script&gt;alert(1)&lt;/script&gt;</p>
        <p>cat out javascript:alert(1)</p>
    "#]]
    .assert_eq(&shown);
}
