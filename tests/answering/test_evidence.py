"""From a citation in an article to the passage of the source that carries the statement."""

from __future__ import annotations

import pytest

from ragbot.answering.evidence import CARRIES, figures_lacking, statement_at
from ragbot.bot import Ragbot
from ragbot.errors import UnknownArticleError
from ragbot.index.sync import sync
from small_library import ALPHA, FIRST, SECOND


@pytest.fixture(scope="module")
def bot(shipped):
    return Ragbot(shipped)


def quoted(bot, found):
    text = bot.document(found.source_id).text
    return [text[start:end] for start, end in found.spans]


def of_article(small, small_corpus, body, references):
    """A ragbot on the small corpus with its first article written anew, and that article."""
    small_corpus.write_article(ALPHA, body, references)
    sync(small)
    bot = Ragbot(small)
    return bot, bot.document(ALPHA)


def test_every_statement_with_one_source_opens_a_passage_that_holds_its_figures(bot):
    """The shipped articles state what their sources state."""
    seen = 0
    for article in bot.articles():
        missing = {r.number for r in article.article.references if r.source_id is None}
        for marker in article.markers:
            if len(marker.numbers) > 1:
                continue
            (number,) = marker.numbers
            found = bot.evidence(article.id, marker.offset, number)
            if number in missing:
                assert found is None
                continue
            seen += 1
            assert found.spans, found.statement
            assert not figures_lacking(found.statement, quoted(bot, found))
            assert found.verdict in {"supported", "unverified"}
    assert seen > 200


def test_nothing_is_called_supported_that_does_not_stand_there_word_for_word(bot):
    for article in bot.articles():
        for marker in article.markers:
            found = bot.evidence(article.id, marker.offset, marker.numbers[0])
            if found is not None and found.verdict == "supported":
                said = " ".join(quoted(bot, found))
                assert found.statement.rstrip(".") in said


def test_a_statement_whose_figure_is_another_is_not_supported(small, small_corpus):
    body = "Median overall survival was 9.9 versus 4.0 months [1]."
    bot, article = of_article(small, small_corpus, body, {1: FIRST})
    found = bot.evidence(ALPHA, article.markers[0].offset, 1)
    assert quoted(bot, found) == ["Median overall survival was 7.7 versus 4.0 months."]
    assert found.lacking == ("9.9",)
    assert (found.verdict, found.score) == ("unsupported", 0.0)


def test_the_same_words_are_supported(small, small_corpus):
    body = "Median overall survival was 7.7 versus 4.0 months [1]."
    bot, article = of_article(small, small_corpus, body, {1: FIRST})
    found = bot.evidence(ALPHA, article.markers[0].offset, 1)
    assert (found.verdict, found.lacking) == ("supported", ())
    assert quoted(bot, found) == [found.statement]


def test_where_nothing_comes_near_there_is_no_passage(small, small_corpus):
    body = "Vincristine neuropathy is common in children with diabetes [1]."
    bot, article = of_article(small, small_corpus, body, {1: FIRST})
    found = bot.evidence(ALPHA, article.markers[0].offset, 1)
    assert found.spans == ()
    assert found.verdict == "unsupported"


def test_figures_that_stand_apart_are_gathered(small, small_corpus):
    body = "The trial randomised 326 adults, and occlusive disease occurred in 11% of patients [1]."
    bot, article = of_article(small, small_corpus, body, {1: FIRST})
    found = bot.evidence(ALPHA, article.markers[0].offset, 1)
    assert len(found.spans) == 2
    assert found.lacking == ()
    assert found.spans == tuple(sorted(found.spans))


def test_each_source_of_a_statement_opens_its_own_part(small, small_corpus):
    body = (
        "Evidence on relapse and toxicity is of two kinds: CD19-negative relapse followed "
        "blinatumomab, while veno-occlusive disease occurred in patients given inotuzumab [1, 2]."
    )
    bot, article = of_article(small, small_corpus, body, {1: FIRST, 2: SECOND})
    offset = article.markers[0].offset
    first, second = (bot.evidence(ALPHA, offset, number) for number in (1, 2))
    assert "Veno-occlusive" in quoted(bot, first)[0]
    assert "CD19-negative" in quoted(bot, second)[0]
    assert (first.others, second.others) == ((2,), (1,))
    assert first.verdict == second.verdict == "unverified"


def test_a_number_that_the_statement_does_not_cite_has_no_evidence(bot):
    article = bot.document("tp53-b-all")
    marker = article.markers[0]
    assert bot.evidence(article.id, marker.offset, 21) is None
    assert bot.evidence(article.id, 10**6, marker.numbers[0]) is None
    with pytest.raises(UnknownArticleError):
        bot.evidence("nonsense", 0, 1)


def test_any_place_in_a_sentence_stands_for_its_marker(bot):
    article = bot.document("tp53-b-all")
    marker = article.markers[0]
    said = statement_at(article, marker.offset, marker.numbers[0])
    assert statement_at(article, said.start, marker.numbers[0]) == said
    assert statement_at(article, said.start + 20, marker.numbers[0]) == said


def test_a_marker_stands_for_the_words_since_the_one_before_it(small, small_corpus):
    body = (
        "Median overall survival was 7.7 months with inotuzumab [1], and transplant in first "
        "remission did not improve survival [2]. In adults [1] and in all of them [2], yes."
    )
    _, article = of_article(small, small_corpus, body, {1: FIRST, 2: SECOND})
    said = [statement_at(article, m.offset, m.numbers[0]) for m in article.markers]
    assert said[0].text == "Median overall survival was 7.7 months with inotuzumab"
    assert said[1].text == "and transplant in first remission did not improve survival."
    assert said[2].text == said[3].text == "In adults and in all of them, yes."
    assert all(article.text[s.start : s.end].strip() == s.text for s in said)


def test_what_was_found_is_kept(bot):
    article = bot.document("tp53-b-all")
    marker = article.markers[0]
    first = bot.evidence(article.id, marker.offset, marker.numbers[0])
    assert bot.evidence(article.id, marker.offset, marker.numbers[0]) is first


def test_the_threshold_keeps_other_sources_out(bot):
    """What the docstring says of it: few statements find a passage in a source they do not cite."""
    finder = bot._open().evidence
    article = bot.document("tp53-b-all")
    listed = {r.number: r.source_id for r in article.article.references if r.source_id}
    tried = near = 0
    for marker in article.markers:
        for number, source in listed.items():
            if number not in marker.numbers and (number + marker.offset) % 5 == 0:
                said = statement_at(article, marker.offset, marker.numbers[0])
                tried += 1
                near += bool(finder._find(said, marker.numbers[0], source).spans)
    assert tried > 100
    assert near / tried < 0.15
    assert CARRIES == 0.5
