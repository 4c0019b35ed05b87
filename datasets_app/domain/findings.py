"""What a check has to say about something that was handed in: a sentence, a remedy, a weight."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Literal

from matteweb.errors import BadInput, Cancelled, MatteError

Severity = Literal["note", "warning", "error"]

_NOT_TO_BE_READ = frozenset(
    {
        *(errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ELOOP),
        *(errno.EACCES, errno.EPERM, errno.ENAMETOOLONG),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact worth knowing. An ``error`` blocks, a ``warning`` asks, a ``note`` tells.

    ``code`` is stable for programs, ``where`` names the file, sample or entry ("" for the whole),
    ``choices`` are the answers that a person may give.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    where: str = ""
    choices: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as a plain object, ready for a JSON column or an API answer."""
        return {**asdict(self), "choices": list(self.choices)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Finding:
        """Rebuild what `as_json` gave."""
        return cls(**{**plain, "choices": tuple(plain.get("choices", ()))})

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where and self.where not in self.message else ""
        remedy = f" ({self.hint})" if self.hint else ""
        return f"{self.severity}: {place}{self.message}{remedy}"


def errors_in(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those that block."""
    return tuple(finding for finding in findings if finding.severity == "error")


class Collecting:
    """Context manager: turns an error about one file into a finding, so that a validator goes on
    to the next file.

    So is a file that is not there, is no file, or may not be read. Cancelled passes through: a
    person who stops a check wants no report; and so does a full disk.
    """

    def __init__(self, findings: list[Finding], code: str, where: str) -> None:
        self._findings, self._code, self._where = findings, code, where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, OSError) and error.errno in _NOT_TO_BE_READ:
            reason = (error.strerror or type(error).__name__).lower()
            error = BadInput(f"{self._where} cannot be read: {reason}", hint="copy it again")
        if not isinstance(error, MatteError) or isinstance(error, Cancelled):
            return False
        remedy = error.hint or ("mend it, or bring it again" if self._where else "")
        finding = Finding(self._code, "error", error.message, remedy, self._where)
        self._findings.append(finding)
        return True
