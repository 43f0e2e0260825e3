"""Three hundred strings as clinicians write them, most of which Markdown or HTML would change."""

from __future__ import annotations

from itertools import product

COUNTS = ("5*10^9/L", "1.5 * 10^9 / L", "2×10⁹/L", "10^6*3*2", "3**2**1", "1e9/L", "0.01 %", "½")
COMPARED = ("<5%", ">=0.01%", "p<0.001", "p > 0.05", "<b>5</b>", "a<b>c", "≤2", "x < y > z")
SIGNS = ("$5 and $6", "$m^2$", "~30 mg~", "~~not~~", "_x_", "__init__", "snake_case_name", "`c.1`")
MARKED = ("# 1 of 3", "- minus 2", "+ plus", "1. first", "> quote", "| a | b |", "---", "***")
LINKED = ("![x](y.png)", "[a](b)", "<img src=x>", "&lt;5&gt;", "&amp;", "&nbsp;", ":smile:", "\\*")
GREEK = ("α-globin", "ΔF508", "β2-µg/mL", "κ/λ", "±2 SD", "5′–3′", "IKZF1^plus", "t(9;22)")
OTHER = (
    "أقل من 0.01%",
    "רמה של 5*10^9/L",
    "中文 <5%",
    "naïve",
    "c.743G>A",
    "p.Arg248*",
    "@x",
    "%s",
)
FRAMES = ("Counts of {} were seen", "({})", "{} and {}", "{}")

CLINICAL = [
    frame.replace("{}", said)
    for frame, said in product(
        FRAMES, (*COUNTS, *COMPARED, *SIGNS, *MARKED, *LINKED, *GREEK, *OTHER)
    )
]
CLINICAL += [f"{a} or {b}" for a, b in product(COUNTS, COMPARED)]
CLINICAL += [f"{a}; {b}" for a, b in zip(SIGNS, LINKED, strict=True)]
CLINICAL += [f"{a}, {b}" for a, b in zip(MARKED, GREEK, strict=True)]
CLINICAL += [f"{a} versus {b}" for a, b in zip(GREEK, COUNTS, strict=True)]
CLINICAL += [f"{a} / {b}" for a, b in zip(COMPARED, SIGNS, strict=True)]
assert len(CLINICAL) >= 300
