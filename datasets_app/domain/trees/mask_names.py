"""Names of masks in trees that tell by the name alone to which clip a mask belongs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Final

from datasets_app.domain.pairing import match_name
from matteweb.errors import BadInput

_TRIES: Final = 100


class MaskNames:
    """Gives each mask a name by which reading finds its clip again, unlike all names before it."""

    def __init__(self, clips: Iterable[str], taken: Iterable[str] = ()) -> None:
        """``clips``: the names of all clips of the tree; ``taken``: names that no mask may have."""
        self._clips = list(clips)
        self._taken = {name.casefold() for name in taken}

    def name(self, clip: str, mask: str) -> str:
        """Return the mask's own name where that leads to the clip, else one behind the clip's.

        Raises BadInput when other clips are called so alike that no name leads there.
        """
        plain = mask.replace("/", "-").replace("\\", "-")
        behind = "mask" if plain.casefold() == clip.casefold() else plain
        numbered = (f"{clip}_{number}_{behind}" for number in range(_TRIES))
        wanted = chain((plain, f"{clip}_{behind}"), numbered)
        found = next((one for one in wanted if self._fits(one, clip)), None)
        if found is None:
            raise BadInput(
                f"no name would tell that mask {mask} belongs to {clip}",
                hint="rename the clip: another is called almost like it",
            )
        self._taken.add(found.casefold())
        return found

    def _fits(self, name: str, clip: str) -> bool:
        return name.casefold() not in self._taken and match_name(name, self._clips) == clip
