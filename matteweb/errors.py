"""The one tree of errors that a person is meant to read.

Caught in exactly three places: the job runner, the API exception handler, the page error view.
Importing this module needs neither Django nor a database, so the domain raises them too.
"""

from __future__ import annotations


class MatteError(Exception):
    """Something that a person can act on.

    ``message`` says what and where, ``hint`` what to do, ``code`` is a stable name for programs.
    """

    code = "error"
    status = 400

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(MatteError):
    """What was handed in cannot be used as it is: a file, a parameter, a folder."""

    code = "bad_input"


class Unsupported(MatteError):
    """A form that is valid elsewhere but that this program does not read or write."""

    code = "unsupported"


class NotFound(MatteError):
    """There is no such object, or the reader may not know of it."""

    code = "not_found"
    status = 404


class NotAllowed(MatteError):
    """The object may be seen, but the reader's role does not permit the action."""

    code = "not_allowed"
    status = 403


class Conflict(MatteError):
    """The object is in a state that forbids the action, or somebody was faster."""

    code = "conflict"
    status = 409


class NoSpace(MatteError):
    """The disk or the quota has no room for what would be written."""

    code = "no_space"
    status = 507


class Unsuitable(MatteError):
    """A sample that its recipe refuses after a look at it; another draw may pass."""

    code = "unsuitable"
    status = 409


class WeightsMissing(MatteError):
    """A network cannot run because a file of its weights is not in the folder of weights."""

    code = "weights_missing"
    status = 409


class OutOfMemory(MatteError):
    """The work does not fit into memory even at its smallest setting."""

    code = "out_of_memory"
    status = 507


class Cancelled(MatteError):
    """Somebody asked the work to stop; what is finished is kept."""

    code = "cancelled"
    status = 409


class Fault(MatteError):
    """The program itself failed; whoever looks after the server finds the reason in its log."""

    code = "fault"
    status = 500


class Corrupt(MatteError):
    """Stored bytes do not have the digest under which they were stored."""

    code = "corrupt"
    status = 500


def error_named(code: str) -> type[MatteError]:
    """Return the kind of error whose ``code`` this is; Fault for a code that none has."""
    return next((kind for kind in MatteError.__subclasses__() if kind.code == code), Fault)
