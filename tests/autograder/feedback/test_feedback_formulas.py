"""Formulas in feedback: any LaTeX becomes MathML, and nothing else does."""

from html.parser import HTMLParser

import pytest

from autograder.feedback import clean, formulas

BACKPROP = r"\delta_j^l = \sum_k w_{kj}^{l+1} \delta_k^{l+1} \sigma'(z_j^l)"


def tags(page: str) -> set[str]:
    """Return the elements of a text, and its attributes."""
    found = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.update([tag, *(name for name, _ in attrs)])

    Reader().feed(page)
    return found


@pytest.mark.parametrize(
    ("text", "display"),
    [
        (f"So ${BACKPROP}$ holds.", "inline"),
        (f"$${BACKPROP}$$", "block"),
        (f"$$\n{BACKPROP}\n= 0\n$$\n", "block"),
        (f"- first\n- then $${BACKPROP}$$\n", "block"),
        (f"> $${BACKPROP}$$\n", "block"),
        (f"\\begin{{align}}\n{BACKPROP} &= 1 \\\\\n x &= 2\n\\end{{align}}\n", "block"),
    ],
)
def test_a_formula_is_drawn(text, display):
    page = clean.markdown(text)
    assert f'<math display="{display}"' in page
    assert "<mi>δ</mi>" in page
    assert "$" not in page
    assert "\\" not in page


@pytest.mark.parametrize(
    ("latex", "elements"),
    [
        (r"\frac{1}{2} < x & y", {"mfrac"}),
        (r"\sqrt[3]{x}\lVert w\rVert_2 \hat{y} \mathbb{R}^{n \times m}", {"mroot", "mover"}),
        (r"\begin{pmatrix}a&b\\c&d\end{pmatrix}", {"mtable", "mtr", "mtd"}),
        (r"\begin{cases}1&x>0\\0&\text{else}\end{cases}", {"mtable", "mtext"}),
        (r"\begin{aligned}a&=b\label{one}\\c&=d\nonumber\end{aligned}", {"mtable"}),
        (r"\left(\operatorname{ReLU}(x)\right)", {"mo"}),
    ],
)
def test_what_a_course_like_this_writes_is_known(latex, elements):
    page = formulas.mathml(latex)
    assert elements <= tags(page)
    assert "&amp;" not in page.replace("<mi>&amp;</mi>", "", latex.count(" & "))
    assert "label" not in page


@pytest.mark.parametrize(
    "latex",
    [r"\nosuchthing{x}", "{", r"\left(", "{" * 300 + "x" + "}" * 300, "x" * 2_001, "x^1^2", ""],
)
def test_what_is_no_formula_stays_as_it_was_written(latex):
    assert formulas.mathml(latex) is None
    marked = clean.markup(f'<span class="{formulas.INLINE}">{latex}</span>')
    assert formulas.draw(marked) == f"<code>${latex}$</code>"


def test_money_and_code_are_no_formulas():
    assert clean.markdown("$5 or $6, `$x$`, \\$x\\$") == (
        "<p>$5 or $6, <code>$x$</code>, $x$</p>\n"
    )


def test_more_than_anybody_reads_is_not_drawn():
    page = clean.markdown("$x$ " * 300)
    assert page.count("<math") == formulas.MOST_FORMULAS
    assert page.count("<code>$x$</code>") == 300 - formulas.MOST_FORMULAS


@pytest.mark.parametrize(
    "text",
    [
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{background:url(http://a/b)}{x}\class{trap}{y}\color{red}{z}$",
        r"$\text{</mtext></math><script>alert(1)</script>}$",
        r"$\unicode{x3c}script\unicode{x3e}alert(1)$ $\hspace{99999em}x$",
        r"$\text{&lt;script&gt;alert(1)&lt;/script&gt;}$",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        '<math href="javascript:alert(1)"><mi xlink:href="javascript:alert(1)">x</mi></math>',
        '<span class="formula"><script>alert(1)</script></span>',
        """<a title='<span class="formula">x" onclick="alert(1)</span>' href="http://a">b</a>""",
        '<span class="formula" onclick="alert(1)">x</span>',
    ],
)
def test_a_hostile_formula_is_harmless(text):
    known = set(formulas._ELEMENTS) | {"p", "span", "code", "a", "href", "title", "rel", "class"}
    page = clean.markdown(text)
    assert tags(page) <= known | {"display", "mathvariant", "stretchy"}
    assert 'href="javascript' not in page


def test_mathml_of_a_students_own_is_taken_out():
    assert "<m" not in clean.markdown('<math><mi href="http://a">x</mi></math>')


def test_the_sanitiser_also_sees_what_is_drawn(monkeypatch):
    drawn = formulas.ElementTree.fromstring('<math><mi onclick="act()">x</mi><script/></math>')
    monkeypatch.setattr(formulas, "_rebuilt", lambda *_: drawn)
    page = formulas.mathml("x")
    assert "<mi>x</mi>" in page
    assert "act" not in page
    assert "script" not in page
