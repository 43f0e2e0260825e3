"""A server that plays a chat model for recordings made without one. It is a script, not a model.

It reads the passages of ragbot's prompt, picks the sentences that share most words with the
question, changes a few words of each, and quotes them. The second statement of every answer has a
figure tenfold, so that the checks have something to find, and is put right when it is sent back.
As a judge it compares words and figures. The same prompt gets the same answer.

    python eval/scripted_model.py     records eval/recorded/ and the judge's trial

What such a recording shows is that the whole way from the prompt to the checked answer works, not
how well a language model answers.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME = "scripted"
ORIGIN = "eval/scripted_model.py: a script that quotes passages, not a language model"
PASSAGE = re.compile(r"=== passage (S\w+) \(.*?\) ===\n(.*?)\n=== end of passage \1 ===", re.S)
FRAMED = {
    name: re.compile(rf"=== {name} (\w+) ===\n(.*?)\n=== end of {name} \1 ===", re.S)
    for name in ("question", "last question", "conversation", "statement", "evidence")
}
UNDERSTOOD = re.compile(r"^It was understood as: (.*)$", re.M)
WORD = re.compile(r"[a-z][a-z0-9-]{2,}")
FIGURE = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)")
COMMON = frozenset(
    WORD.findall(
        "the and for with was were are how many what which who does did had has have from that "
        "this than their there when after not but all any can may per into they them its our you"
    )
)
REWORDED = ((" versus ", " compared with "), (" showed ", " found "), (" whereas ", " while "))
FEW = 2  # words that question and sentence must share


def words(text: str) -> set[str]:
    return {word.rstrip("s") for word in WORD.findall(text.lower())} - COMMON


def figures(text: str) -> set[str]:
    return set(FIGURE.findall(text))


def framed(name: str, text: str) -> str:
    found = FRAMED[name].search(text)
    return found[2] if found else ""


def sentences(text: str) -> list[str]:
    parts = re.split(r"(?<=[.!?])\s+(?=[A-Z])|\n", text)
    return [part.strip() for part in parts if len(part.split()) > 5]


def reworded(sentence: str) -> str:
    for old, new in REWORDED:
        sentence = sentence.replace(old, new)
    return re.sub(r" \([A-Z]{2,}[A-Za-z-]*\)", "", sentence)


def tenfold(sentence: str) -> str:
    return FIGURE.sub(lambda found: f"{found[0]}0", sentence, count=1)


def answer(prompt: str, is_repair: bool) -> str:
    """Claims on the sentences that share most with the question."""
    question = " ".join([framed("question", prompt), *UNDERSTOOD.findall(prompt)])
    ranked = sorted(
        (
            (len(words(question) & words(sentence)), -at, key, sentence)
            for at, (key, sentence) in enumerate(
                (key, sentence)
                for key, text in PASSAGE.findall(prompt)
                for sentence in sentences(text)
            )
        ),
        reverse=True,
    )
    best = [(key, sentence) for shared, _, key, sentence in ranked[:3] if shared > FEW]
    if not best:
        return json.dumps({"claims": [{"kind": "cannot_answer", "text": "", "evidence": []}]})
    if is_repair:
        best = best[1:2]
    claims = []
    for at, (key, sentence) in enumerate(best):
        is_wrong = at == 1 and not is_repair
        text = tenfold(reworded(sentence)) if is_wrong else reworded(sentence)
        evidence = [{"key": key, "quote": sentence}]
        claims.append({"kind": "claim", "text": text, "evidence": evidence})
    return json.dumps({"claims": claims}, ensure_ascii=False)


def rewrite(prompt: str) -> str:
    """The question with what the last question before it was about."""
    question = framed("last question", prompt).strip()
    asked = re.findall(r"^Question: (.*)$", framed("conversation", prompt), re.M)
    before = asked[-1].rstrip("?. ") if asked else ""
    return f"{question.rstrip('?. ')} ({before})?" if before else question


def verdict(prompt: str) -> str:
    """Supported if figures and most words stand in the evidence; contradicted if only words do."""
    statement, evidence = framed("statement", prompt), framed("evidence", prompt)
    said = words(statement)
    share = len(said & words(evidence)) / max(1, len(said))
    negated = bool(re.search(r"\b(?:not|no|never|without)\b", statement, re.I)) != bool(
        re.search(r"\b(?:not|no|never|without)\b", evidence, re.I)
    )
    has_figures = figures(statement) <= figures(evidence)
    label = "unsupported"
    if share >= 0.5:
        label = "supported" if has_figures and not negated else "contradicted"
    return json.dumps({"verdict": label})


def reply(body: dict) -> str:
    messages = body["messages"]
    prompt = messages[1]["content"]
    if "=== statement " in prompt:
        return verdict(prompt)
    if "=== conversation " in prompt:
        return rewrite(prompt)
    return answer(prompt, is_repair=len(messages) > 2)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for delta, finish in (({"content": reply(body)}, None), ({}, "stop")):
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": NAME,
                     "choices": [choice]}  # fmt: skip
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        pass


def serve() -> ThreadingHTTPServer:
    """The server on a free port of this machine, running."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def main(arguments: list[str]) -> int:
    """Record eval/recorded/ with the judge's trial; further arguments go to `ragbot eval run`."""
    server = serve()
    here = Path(__file__).parent
    address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    environment = {**os.environ, "RAGBOT_CHAT_MODEL": NAME, "RAGBOT_CHAT_BASE_URL": address}
    command = [
        str(Path(sys.executable).with_name("ragbot")), "eval", "run", "--mode", "live", "--record",
        "--judge", "--origin", ORIGIN, "--suites", str(here / "recorded"), "--no-history",
        "--cassette", str(here / "cassettes" / "scripted.json"),
        "--judge-set", str(here / "calibration" / "judge.jsonl"), *arguments,
    ]  # fmt: skip
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
