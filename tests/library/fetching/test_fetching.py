"""Records and retraction notices, from a server on the loopback; nothing without consent."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ragbot.errors import ConfigurationError, FetchError
from ragbot.library.fetching import client as client_module
from ragbot.library.fetching.client import MetadataClient
from ragbot.library.fetching.records import differences, from_crossref, from_pubmed
from ragbot.settings import load_settings
from ragbot.types import Bibliography, Document

DOI, PMID = "10.1000/made.up(1)", "39820649"
CROSSREF = {
    "status": "ok",
    "message": {
        "DOI": "10.1000/MADE.UP(1)",
        "title": ["A made-up trial"],
        "author": [{"given": "Anna Berta", "family": "Example"}, {"name": "The Group"}],
        "container-title": ["Journal of Examples"],
        "issued": {"date-parts": [[2021, 3]]},
    },
}
PUBMED = {
    "result": {
        "uids": [PMID],
        PMID: {
            "title": "A made-up trial.",
            "authors": [{"name": "Example AB"}],
            "fulljournalname": "Journal of Examples",
            "pubdate": "2021 Mar",
            "articleids": [{"idtype": "doi", "value": DOI}],
            "pubtype": ["Journal Article"],
        },
    }
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.times.append(time.monotonic())
        status, body, wait = self.server.answer
        time.sleep(wait)
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status == 302:
                self.send_header("Location", "http://192.0.2.1/elsewhere")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.asked, found.times = [], []
    found.answer = (200, b"{}", 0)
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def settings(server):
    address = f"http://127.0.0.1:{server.server_address[1]}"
    return load_settings(
        fetch_metadata=True,
        crossref_url=address,
        ncbi_url=f"{address}/eutils",
        fetch_timeout=2,
        fetch_contact="library@example.org",
    )


@pytest.fixture
def client(settings):
    found = MetadataClient(settings, consent=True)
    yield found
    found.close()


def says(server, document, status=200, wait=0):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    server.answer = (status, body, wait)


def source(**known):
    return Document(
        "s", "source", "A made-up trial", "T", (), "0", bibliography=Bibliography(**known)
    )


@pytest.mark.parametrize(
    ("on", "consent", "named"),
    [(False, True, "RAGBOT_FETCH_METADATA"), (True, False, "--consent"), (False, False, "off")],
)
def test_nothing_is_fetched_without_setting_and_consent(on, consent, named):
    with pytest.raises(ConfigurationError, match=named):
        MetadataClient(load_settings(fetch_metadata=on), consent=consent)


def test_off_by_default():
    assert load_settings().fetch_metadata is False


def test_a_record_of_crossref(server, settings, client):
    says(server, CROSSREF)
    record = from_crossref(client, settings.crossref_url, DOI)
    assert (record.title, record.year, record.doi) == ("A made-up trial", 2021, DOI)
    assert record.authors == ("Example AB", "The Group")
    assert not record.retracted
    path, headers = server.asked[0]
    assert path == "/works/10.1000%2Fmade.up%281%29"
    assert "ragbot/" in headers["User-Agent"]
    assert "mailto:library@example.org" in headers["User-Agent"]
    assert differences(source(doi=DOI, year=2021), record) == []
    assert differences(source(doi=DOI, year=2020), record) == ["the year is 2021, not 2020"]


@pytest.mark.parametrize("kind", ["retraction", "withdrawal", "removal"])
def test_a_retraction_notice_of_crossref(server, settings, client, kind):
    notice = [{"DOI": "10.1000/notice", "type": kind, "label": "Retraction"}]
    says(server, {"message": CROSSREF["message"] | {"updated-by": notice}})
    record = from_crossref(client, settings.crossref_url, DOI)
    assert record.retracted
    assert record.notices == ("10.1000/notice",)
    assert "it is retracted" in differences(source(doi=DOI), record)
    assert differences(source(doi=DOI, retracted=True), record) == []


def test_a_correction_is_no_retraction(server, settings, client):
    notice = [{"DOI": "10.1000/notice", "type": "correction"}]
    says(server, {"message": CROSSREF["message"] | {"updated-by": notice}})
    assert not from_crossref(client, settings.crossref_url, DOI).retracted


def test_a_record_of_pubmed(server, settings, client):
    says(server, PUBMED)
    record = from_pubmed(client, settings.ncbi_url, PMID, settings.fetch_contact)
    assert (record.title, record.year, record.doi, record.pmid) == (
        "A made-up trial",
        2021,
        DOI,
        PMID,
    )
    assert "email=library%40example.org" in server.asked[0][0]
    says(
        server, {"result": {PMID: PUBMED["result"][PMID] | {"pubtype": ["Retracted Publication"]}}}
    )
    assert from_pubmed(client, settings.ncbi_url, PMID).retracted


def test_what_is_not_known_there(server, settings, client):
    says(server, b"Resource not found.", status=404)
    assert from_crossref(client, settings.crossref_url, DOI) is None
    says(server, {"result": {"uids": []}})
    assert from_pubmed(client, settings.ncbi_url, PMID) is None


@pytest.mark.parametrize("status", [302, 400, 403, 429, 500, 503])
def test_other_answers_are_one_clear_error(server, settings, client, status):
    says(server, b"<html>no</html>", status=status)
    with pytest.raises(FetchError, match=str(status)) as caught:
        from_crossref(client, settings.crossref_url, DOI)
    assert caught.value.exit_code == 3
    assert len(server.asked) == 1, "a redirection is not followed"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"message": null}', b'{"message": {"title": 7}}',
     b"[" * 90_000,
     b'{"message": {"DOI": "10.1/x", "issued": {"date-parts": [["x"]]}}}'],
    ids=lambda body: body[:12].decode(),
)  # fmt: skip
def test_junk_is_one_clear_error(server, settings, client, body):
    says(server, body)
    with pytest.raises(FetchError) as caught:
        from_crossref(client, settings.crossref_url, DOI)
    assert "\n" not in str(caught.value)


def test_too_much_is_not_read_to_its_end(server, settings, client):
    says(server, b"x" * 6_000_000)
    with pytest.raises(FetchError, match="more than 2000000 bytes"):
        from_crossref(client, settings.crossref_url, DOI)


def test_a_slow_server_is_left(server, settings):
    says(server, CROSSREF, wait=3)
    impatient = MetadataClient(settings.model_copy(update={"fetch_timeout": 0.5}), consent=True)
    with pytest.raises(FetchError, match=r"within 0\.5 s"):
        from_crossref(impatient, settings.crossref_url, DOI)
    impatient.close()


def test_nobody_there(client):
    with pytest.raises(FetchError, match="cannot be reached"):
        client.get("http://127.0.0.1:9/works/x")


def test_requests_to_one_host_keep_their_distance(server, settings, client):
    says(server, CROSSREF)
    for _ in range(3):
        from_crossref(client, settings.crossref_url, DOI)
    gaps = [b - a for a, b in zip(server.times, server.times[1:], strict=False)]
    assert min(gaps) > client_module.LEAST_SECONDS_BETWEEN * 0.8


@pytest.mark.parametrize(
    "address", ["http://api.example.org", "ftp://127.0.0.1", "api.example.org"]
)
def test_only_https_leaves_the_house(client, address):
    with pytest.raises(ConfigurationError, match="https"):
        client.get(f"{address}/works/x")
