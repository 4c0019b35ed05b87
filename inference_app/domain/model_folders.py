"""Networks that a person puts there as a folder: the weights, and the sizes that belong to them.

A folder holds ``model.safetensors`` and ``config.json`` as `transformers` writes them, and what
else a network reads, so that any published size of a network can be used, or one's own. Nothing is
fetched and no pickle is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inference_app.domain.packages import lacking
from inference_app.domain.remembered_digest import remembered_sha256
from matteweb.errors import WeightsMissing

WEIGHTS: Final = "model.safetensors"
SIZES: Final = "config.json"

_places: list[Path] = []


def use_weights(folder: Path) -> None:
    """Say where weights lie; called once by whoever puts the program together."""
    _places[:] = [folder]


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder called ``name`` with ``files``, weights first.

    ``what``: the network; ``url``: where people find one; ``package``: what runs it.
    """

    name: str
    what: str
    licence: str
    url: str
    files: tuple[str, ...] = (WEIGHTS, SIZES)
    package: str = "transformers"

    @property
    def path(self) -> Path:
        """Where it has to lie."""
        return _places[0] / self.name if _places else Path(self.name)

    def lacks(self) -> str:
        """Return the missing package, or which files belong where; "" when all is there."""
        if words := lacking(self.package):
            return words
        missing = [name for name in self.files if not (self.path / name).is_file()]
        if not missing:
            return ""
        return (
            f"{', '.join(missing)} of {self.what} ({self.licence}) not in {self.path}; "
            f"put there what {self.url} offers: this program fetches nothing"
        )

    def require(self) -> Path:
        """Return the folder. Raises WeightsMissing when something is not there."""
        if lacks := self.lacks():
            raise WeightsMissing(lacks, hint="put the files there, or choose another way")
        return self.path

    def changed(self) -> tuple[int, ...]:
        """Return what is another when the files are others."""
        return tuple((self.path / name).stat().st_mtime_ns for name in self.files)

    def digest(self) -> str:
        """Return the sha256 of the weights, which are read once while they do not change."""
        return remembered_sha256(self.path / self.files[0])
