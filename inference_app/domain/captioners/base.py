"""What describes a video in words, and what it may spend on that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from datasets_app.domain.captions import Captions
from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from matteweb.errors import Conflict


@dataclass(slots=True)
class TokenBudget:
    """How many tokens of a language model may be used, over all videos of one job."""

    most: int
    spent: int = 0

    def require(self, needed: int) -> None:
        """Raise Conflict when ``needed`` more would exceed the budget."""
        if self.spent + needed > self.most:
            raise Conflict(
                f"{self.spent} of {self.most} tokens are spent, and the next answer may take "
                f"{needed}",
                hint="raise MATTEWEB_CAPTION_TOKENS_PER_JOB, or go on with another job",
            )


@dataclass(frozen=True, slots=True)
class Described:
    """``captions`` in the lengths that were asked for; ``model`` says whose words they are."""

    captions: Captions
    model: str


class Captioner(Protocol):
    """Something that looks at pictures of a video and describes it."""

    @property
    def info(self) -> PluginInfo: ...

    @property
    def pictures(self) -> int:
        """How many pictures of a video it looks at."""
        ...

    def unavailable(self) -> str:
        """Return what is missing, or "" when it can work."""
        ...

    def describe(
        self, pictures: Sequence[RgbFrame], budget: TokenBudget, should_stop: ShouldStop
    ) -> Described:
        """Describe a video, of which ``pictures`` are in their order, in all four lengths.

        What is used is added to ``budget``. Raises BadInput when this video cannot be described,
        Conflict when none can: no answer, no permission, no budget; Cancelled.
        """
        ...
