"""One exception tree. Every message holds the value that was wrong and the remedy.

RagbotError                    exit code
├── UsageError                 2   the question, name or option given
│   ├── QuestionError
│   │   └── PersonalDataError
│   ├── UnknownArticleError
│   ├── UnknownDocumentError
│   ├── UnknownConversationError
│   └── FeedbackError
├── ConfigurationError         2   a setting
├── DocumentError              2   one file of the corpus cannot be taken in
├── CheckFailedError           1   a check ran, and failed
└── UnavailableError           3   something needed is missing or unreachable
├── CorpusMissingError
├── ModelUnavailableError
├── RecordingMissingError
├── StorageError
├── FetchError
└── IndexUnavailableError
├── IndexMissingError
├── IndexDamagedError
├── IndexMismatchError
└── IndexLockedError
"""

from __future__ import annotations


class RagbotError(Exception):
    """Base of all errors that ragbot raises: what was wrong, and the remedy."""

    exit_code = 2

    def __init__(self, problem: str, *, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


class UsageError(RagbotError):
    """The question, name or option given cannot be used."""


class QuestionError(UsageError):
    """The question is empty, too long or not readable."""


class PersonalDataError(QuestionError):
    """The question holds personal data, which the settings refuse."""


class UnknownArticleError(UsageError):
    """No article of that name is in the index."""


class UnknownDocumentError(UsageError):
    """No document of that name is in the index."""


class UnknownConversationError(UsageError):
    """No conversation of that id is kept, or it belongs to another article."""


class FeedbackError(UsageError):
    """What was said of an answer cannot be kept."""


class ConfigurationError(RagbotError):
    """A setting has a value that cannot be used."""


class DocumentError(RagbotError):
    """One file of the corpus cannot be taken in."""


class CheckFailedError(RagbotError):
    """A check ran to its end and failed."""

    exit_code = 1


class UnavailableError(RagbotError):
    """Something needed is missing or unreachable."""

    exit_code = 3


class CorpusMissingError(UnavailableError):
    """The corpus folder is not there, or holds no article."""


class ModelUnavailableError(UnavailableError):
    """A model cannot be loaded or reached."""


class RecordingMissingError(UnavailableError):
    """A recorded chat model is asked what it was never asked while it was recorded."""


class FetchError(UnavailableError):
    """A record of a publication cannot be fetched."""


class StorageError(UnavailableError):
    """A folder or database cannot be read or written."""


class IndexUnavailableError(UnavailableError):
    """The index cannot be used as it is."""


class IndexMissingError(IndexUnavailableError):
    """There is no index yet."""


class IndexDamagedError(IndexUnavailableError):
    """The index does not read back."""


class IndexMismatchError(IndexUnavailableError):
    """The index was built with another embedding model or chunking."""


class IndexLockedError(IndexUnavailableError):
    """Another process is writing the index."""
