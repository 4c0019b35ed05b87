"""Captions by a small network on this machine: BLIP, one sentence per picture, nothing is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from datasets_app.domain.captions import Captions
from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.captioners.base import Described, TokenBudget
from inference_app.domain.captioners.prompts import within
from inference_app.domain.device import Device
from inference_app.domain.model_folders import SIZES, WEIGHTS, ModelFolder
from matteweb.errors import BadInput, Cancelled, Conflict

if TYPE_CHECKING:
    from inference_app.domain.networks.blip import Blip

BLIP: Final = ModelFolder(
    "blip-captioning",
    "BLIP",
    "BSD-3-Clause",
    "https://huggingface.co/Salesforce/blip-image-captioning-base",
    files=(WEIGHTS, SIZES, "vocab.txt"),
)


class BlipCaptioner:
    """Says each picture in a sentence; what most pictures say is the short caption."""

    info = PluginInfo(
        "blip",
        "BLIP",
        "A small network on this machine says each picture in a sentence",
        version=1,
    )
    pictures = 5

    def unavailable(self) -> str:
        """Return the missing package, or the files that a person has to put in their place."""
        return BLIP.lacks()

    def describe(
        self, pictures: Sequence[RgbFrame], budget: TokenBudget, should_stop: ShouldStop
    ) -> Described:
        """Describe the video; see `Captioner`. Uses no tokens of anybody's."""
        if why_not := self.unavailable():
            raise Conflict(f"{self.info.label} cannot work: {why_not}")
        network = _loaded(BLIP.path, BLIP.changed())
        said = []
        for picture in pictures:
            if should_stop():
                raise Cancelled("captioning was stopped", hint="what is finished is kept")
            said += [one for one in network.sentences([picture]) if one]
        if not said:
            raise BadInput("the network says nothing of this video", hint="write this one by hand")
        return Described(_captions(said), BLIP.name)


@lru_cache(maxsize=1)
def _loaded(folder: Path, changed: tuple[int, ...]) -> Blip:
    """Return the network in memory, for one video after the other; ``changed`` makes other files
    another network."""
    from inference_app.domain.networks.blip import Blip

    return Blip(folder, Device())


def _captions(said: list[str]) -> Captions:
    """Return four lengths of what was said of the pictures, in their order."""
    most = Counter(said).most_common(1)[0][0]
    distinct = [most, *(one for one in dict.fromkeys(said) if one != most)]
    text = " ".join(f"{one[0].upper()}{one[1:]}." for one in distinct)
    short = text[: text.index(".") + 1]
    return Captions(
        short=within(short, "short"),
        prompt=within(text, "prompt"),
        verbose=within(text, "verbose"),
        summary=within(most[0].upper() + most[1:], "summary"),
    )
