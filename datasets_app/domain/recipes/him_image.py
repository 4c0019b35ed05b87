"""HIM image: two to five people in one picture, each with an alpha of its own.

After the I-HIM50K data of MaGGIe (Huynh et al., CVPR 2024), with the ranges of the paper; where its
tool leaves the paper or the truth, ``published`` does as the tool does.

Everything random is decided on alphas of an eighth of the size: who, where, how large, who hides
how much of whom. Only what passes is rendered. How many people and how much overlap a sample has
follows from its number, in exact shares; one that cannot be reached is refused, not made easier.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.recipes.base import (
    AssetRef,
    Cost,
    Layers,
    Pool,
    RecipeParams,
    Rejected,
    Resumable,
    Survey,
)
from datasets_app.domain.synthesis.crowd.crowd import Crowd, CrowdRule
from datasets_app.domain.synthesis.crowd.crowd_params import (
    LAYERS,
    PEOPLE,
    PLACES,
    EnlargeField,
    ForegroundsField,
    GuidanceField,
)
from datasets_app.domain.synthesis.crowd.crowd_plan import (
    CROWD_LAYERS,
    CrowdPlan,
    crowd_cost,
    crowd_layers,
    draw_guides,
)
from datasets_app.domain.synthesis.crowd.distribution import Bands, Counts
from datasets_app.domain.synthesis.crowd.guidance import parse_sources
from datasets_app.domain.synthesis.crowd.placing import Place, PlaceRule, place_people
from datasets_app.domain.synthesis.sources.last_seen import LastSeen
from datasets_app.domain.synthesis.sources.pool import PoolBackground
from datasets_app.domain.synthesis.sources.sides import SplitChoice, split_field

_ARRANGEMENTS = 12
_PUBLISHED = {
    "counts": "2:1 3:1 4:1",
    "scale_min": 0.5,
    "scale_max": 0.9,
    "hidden_max": 0.3,
    "hidden_by": "one other",
    "overlaps": "",
    "tries": 3,
    "drop": True,
    "ground": False,
    "enlarge": True,
}


class HimImageParams(RecipeParams):
    """Ranges and defaults of the paper; shares are 0..1."""

    preset: Literal["own", "published"] = Field(
        "own",
        title="Preset",
        description="published: as the tool of the paper did (2 to 4 people, 3 tries, people "
        "without a place are dropped, pairwise 30 % rule), whatever is set below",
    )
    counts: str = Field(
        "2:1 3:1 4:1 5:1",
        title="People",
        description="Numbers of people with their weights; 2:3 4:1 makes three of four pictures "
        "pairs, exactly; a picture whose number finds no place fails and says so",
        json_schema_extra=PEOPLE,
    )
    scale_min: float = Field(
        0.5,
        gt=0,
        le=1,
        title="Smallest height",
        description="Height of a person as a share of the picture's",
        json_schema_extra=PEOPLE,
    )
    scale_max: float = Field(0.9, gt=0, le=1, title="Largest height", json_schema_extra=PEOPLE)
    hidden_max: float = Field(
        0.3,
        ge=0,
        lt=1,
        title="Hidden, at most",
        description="Share of a person that others hide",
        json_schema_extra=PLACES,
    )
    hidden_by: Literal["all others", "one other"] = Field(
        "all others",
        title="Hidden by",
        description="one other: each newcomer may hide that share of what is still visible, as "
        "published; three of them then hide up to two thirds",
        json_schema_extra=PLACES,
    )
    overlaps: str = Field(
        "",
        title="Overlaps",
        description="Ranges of the most hidden person's share with weights, such as 0-0.05:1 "
        "0.05-0.3:1; empty takes what comes",
        json_schema_extra=PLACES,
    )
    tries: int = Field(20, ge=1, le=1000, title="Tries per person", json_schema_extra=PLACES)
    drop: bool = Field(
        False,
        title="Drop",
        description="Leave out people that find no place; else draw anew",
        json_schema_extra=PLACES,
    )
    ground: bool = Field(
        False,
        title="On the ground",
        description="Feet at the bottom of the picture",
        json_schema_extra=PLACES,
    )
    enlarge: EnlargeField = False
    split: SplitChoice = split_field(PEOPLE)
    foregrounds: ForegroundsField = "merged"
    guidance: GuidanceField = ""
    clean: bool = Field(
        True,
        title="Clean background",
        description="Store it beside the picture",
        json_schema_extra=LAYERS,
    )

    @field_validator("counts")
    @classmethod
    def _counted(cls, text: str) -> str:
        Counts.parse(text, least=1, most=10)
        return text

    @field_validator("overlaps")
    @classmethod
    def _banded(cls, text: str) -> str:
        Bands.parse(text)
        return text

    @model_validator(mode="after")
    def _ordered(self) -> HimImageParams:
        if self.scale_min > self.scale_max:
            raise ValueError("scale_min must not exceed scale_max")
        return self

    def effective(self) -> HimImageParams:
        """Return what is really drawn by: the preset's own values where there is one."""
        return self if self.preset == "own" else self.model_copy(update=_PUBLISHED)

    @property
    def rule(self) -> PlaceRule:
        """How a person may be placed."""
        return PlaceRule(
            scale_min=self.scale_min,
            scale_max=self.scale_max,
            hidden_max=self.hidden_max,
            pairwise=self.hidden_by == "one other",
            tries=self.tries,
            drop=self.drop,
            ground=self.ground,
            enlarge=self.enlarge,
        )


class HimImagePlan(CrowdPlan):
    """One picture."""


@dataclass(frozen=True, slots=True)
class HimImageWish:
    """How many people, and the range of the most hidden one's share; None: whatever comes."""

    count: int
    overlap: tuple[float, float] | None

    @property
    def unmet(self) -> str:
        """Why a try is rejected."""
        if self.overlap is None:
            return f"no arrangement of {self.count} people found a place for each"
        low, high = self.overlap
        return f"no arrangement of {self.count} people has an overlap of {low:g}-{high:g}"


class HimImage(Resumable[HimImagePlan]):
    """Places people who were cut out of their own pictures into another one."""

    info = PluginInfo(
        slug="him_image",
        label="HIM image",
        summary="Two to five people in one picture, each with an alpha of its own",
        version=2,
    )
    params = HimImageParams
    plan_model = HimImagePlan
    category = "him-image"
    cpu_seconds_per_megapixel, bytes_per_pixel = 0.35, 5  # pictures of 1.8 MP, 2.5 people
    needs = "foregrounds with alpha, or clips with masks, and backgrounds"
    layers = CROWD_LAYERS

    def __init__(self) -> None:
        self._crowd = LastSeen(_seen)

    def survey(self, params: HimImageParams, pool: Pool) -> Survey:
        """Say which subjects may be drawn."""
        return self._crowd(params, pool).survey()

    def plan(
        self, params: HimImageParams, pool: Pool, rng: np.random.Generator
    ) -> HimImagePlan | Rejected:
        """Make one try for any sample of any run."""
        root_seed, index = (int(drawn) for drawn in rng.integers(2**31, size=2))
        return self.plan_wish(params, pool, rng, self.wish(params, root_seed, index))

    def wish(self, params: HimImageParams, root_seed: int, index: int) -> HimImageWish:
        """Return the number of people and the overlap of sample ``index``, in exact shares."""
        own, slug = params.effective(), self.info.slug
        counts, bands = Counts.parse(own.counts, least=1, most=10), Bands.parse(own.overlaps)
        return HimImageWish(
            counts.of_sample(index, root_seed, f"{slug}/counts"),
            bands.of_sample(index, root_seed, f"{slug}/overlaps"),
        )

    def plan_wish(
        self, params: HimImageParams, pool: Pool, rng: np.random.Generator, wish: HimImageWish
    ) -> HimImagePlan | Rejected:
        """Draw arrangements until one has the wished number and overlap.

        The order of the draws belongs to the recipe's version.
        """
        crowd, own = self._crowd(params, pool), params.effective()
        if not crowd.possible:
            return Rejected("the pool has too few subjects or backgrounds")
        low, high = wish.overlap or (0.0, 1.0)
        for _ in range(_ARRANGEMENTS):
            behind = crowd.draw_background(rng)
            people = None if behind is None else crowd.draw_people(wish.count, behind, rng)
            if behind is None or people is None:
                continue
            places = place_people(people, FrameSize(behind.width, behind.height), own.rule, rng)
            if places and low <= max(place.hidden for place in places) <= high:
                return _as_plan(behind, places, own, rng)
        return Rejected(wish.unmet)

    def cost(self, plan: HimImagePlan) -> Cost:
        """Estimate by the number of pixels and people."""
        return crowd_cost(
            plan,
            seconds_per_megapixel=self.cpu_seconds_per_megapixel,
            bytes_per_pixel=self.bytes_per_pixel,
        )

    def frames_from(
        self, plan: HimImagePlan, sources: Mapping[str, Path], first: int
    ) -> Generator[Layers, None, None]:
        """Decode the background and every person once and yield the layers."""
        return crowd_layers(plan, sources, first)


def _seen(params: HimImageParams, pool: Pool) -> Crowd:
    own = params.effective()
    least = max(Counts.parse(own.counts, least=1, most=10).values)
    return Crowd(pool.on_side(own.split), CrowdRule(1, least, stills=True))


def _as_plan(
    behind: PoolBackground, places: list[Place], params: HimImageParams, rng: np.random.Generator
) -> HimImagePlan:
    start = 0 if behind.kind == "still" else int(rng.integers(behind.frames))
    sources = parse_sources(params.guidance)
    return HimImagePlan(
        frames=1,
        width=behind.width,
        height=behind.height,
        fps_num=1,
        fps_den=1,
        caption=behind.caption,
        background=AssetRef.of(behind),
        background_start=start,
        instances=tuple(place.instance() for place in places),
        hidden=round(max(place.hidden for place in places), 6),
        foregrounds=params.foregrounds,
        clean=params.clean,
        guidance=sources,
        guides=draw_guides(sources, len(places), rng),
    )
