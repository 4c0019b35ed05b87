"""HIM video: two to five people in one clip, at a chosen level of occlusion.

After V-HIM2K5 and V-HIM60 of MaGGIe (Huynh et al., CVPR 2024): easy shows two or three people side
by side, medium hides 5 to 50 % of somebody in some frame, hard 50 to 85 %. What is hidden is
measured on the true alphas of every frame before any is rendered; the published tool rendered
first and threw three of four clips away. How many people a sample has follows from its number, in
exact shares; levels draw apart from each other. ``published`` keeps its rules: medium ends at 30 %,
pairs are measured against what was still visible, nothing moves but the footage itself.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, field_validator

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
from datasets_app.domain.synthesis.crowd.distribution import Counts
from datasets_app.domain.synthesis.crowd.guidance import parse_sources
from datasets_app.domain.synthesis.crowd.lining_up import LineRule, line_up, measured
from datasets_app.domain.synthesis.crowd.placing import Place
from datasets_app.domain.synthesis.plates.scene_params import LONGEST
from datasets_app.domain.synthesis.seeds import generator, sample_seed
from datasets_app.domain.synthesis.sources.last_seen import LastSeen
from datasets_app.domain.synthesis.sources.pool import PoolBackground
from datasets_app.domain.synthesis.sources.sides import SplitChoice, split_field

_ARRANGEMENTS = 24
_UNTIMED = Fraction(25)

Level = Literal["easy", "medium", "hard"]

# level -> grow_max, least and most hidden: of the paper, and of its tool.
_LEVELS: dict[Level, tuple[float, float, float]] = {
    "easy": (1.0, 0.0, 0.02),
    "medium": (1.5, 0.05, 0.5),
    "hard": (2.0, 0.5, 0.85),
}
_PUBLISHED: dict[Level, tuple[float, float, float]] = {
    "easy": (1.0, 0.0, 1.0),
    "medium": (1.5, 0.05, 0.3),
    "hard": (2.0, 0.5, 0.85),
}
_PUBLISHED_COUNTS: dict[Level, str] = {
    "easy": "2:1 3:2",
    "medium": "2:1 3:1 4:1",
    "hard": "2:1 3:1 4:1",
}


class HimVideoParams(RecipeParams):
    """Level, length and what may move; shares are 0..1."""

    preset: Literal["own", "published"] = Field(
        "own",
        title="Preset",
        description="published: rules of the paper's tool (2 to 4 people, medium up to 30 % "
        "hidden, pairwise, nothing moves but the footage), whatever is set below",
    )
    level: Level = Field(
        "medium",
        title="Level",
        description="easy: side by side. medium: 5 to 50 % of somebody is hidden in some frame. "
        "hard: 50 to 85 %",
    )
    counts: str = Field(
        "",
        title="People",
        description="Numbers of people with weights, such as 2:1 3:1, kept exactly; a clip whose "
        "number finds no arrangement fails and says so. Empty: 2 or 3 when easy, else 2 to 5",
        json_schema_extra=PEOPLE,
    )
    frames: int = Field(30, ge=1, le=LONGEST, title="Frames")
    still_share: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Still backgrounds",
        description="How often the background is a still",
        json_schema_extra=PLACES,
    )
    travel: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Travel",
        description="Way of a person through the clip, at most, as a share of the width",
        json_schema_extra=PLACES,
    )
    zoom: float = Field(
        1.0,
        ge=1,
        le=2,
        title="Change of size",
        description="Through the clip, at most",
        json_schema_extra=PLACES,
    )
    enlarge: EnlargeField = False
    split: SplitChoice = split_field(PEOPLE)
    foregrounds: ForegroundsField = "merged"
    guidance: GuidanceField = ""
    clean: bool = Field(
        True,
        title="Clean background",
        description="Store it beside the clip",
        json_schema_extra=LAYERS,
    )

    @field_validator("counts")
    @classmethod
    def _counted(cls, text: str) -> str:
        if text.strip():
            Counts.parse(text, least=1, most=10)
        return text.strip()

    @property
    def people(self) -> Counts:
        """How many people, with which weight."""
        text = self.counts or ("2:1 3:1" if self.level == "easy" else "2:1 3:1 4:1 5:1")
        if self.preset == "published":
            text = _PUBLISHED_COUNTS[self.level]
        return Counts.parse(text, least=1, most=10)

    @property
    def rule(self) -> LineRule:
        """How people are lined up, and what may be hidden."""
        own = self.preset == "own"
        grow, low, high = (_LEVELS if own else _PUBLISHED)[self.level]
        return LineRule(
            frames=self.frames,
            grow_max=grow,
            low=low,
            high=high,
            pairwise=not own,
            travel=self.travel if own else 0.0,
            zoom=self.zoom if own else 1.0,
            enlarge=self.enlarge if own else True,
        )


class HimVideoPlan(CrowdPlan):
    """Frame i shows frame ``start`` + i of every person's clip. ``figure`` is what the level
    bounds: the largest share hidden, by true occlusion or as published."""

    level: Level
    figure: float


class HimVideo(Resumable[HimVideoPlan]):
    """Lines people up who were filmed each by themselves, and lets them hide one another."""

    info = PluginInfo(
        slug="him_video",
        label="HIM video",
        summary="Two to five people in one clip, each with an alpha, at a level of occlusion",
        version=2,
    )
    params = HimVideoParams
    plan_model = HimVideoPlan
    category = "him-video"
    cpu_seconds_per_megapixel, bytes_per_pixel = 0.3, 3
    needs = "clips with alpha or masks, and backgrounds"
    layers = CROWD_LAYERS

    def __init__(self) -> None:
        self._crowd = LastSeen(_seen)

    def survey(self, params: HimVideoParams, pool: Pool) -> Survey:
        """Say which subjects are long enough."""
        return self._crowd(params, pool).survey()

    def plan(
        self, params: HimVideoParams, pool: Pool, rng: np.random.Generator
    ) -> HimVideoPlan | Rejected:
        """Make one try for any sample of any run."""
        root_seed, index = (int(drawn) for drawn in rng.integers(2**31, size=2))
        return self.plan_wish(params, pool, rng, self.wish(params, root_seed, index))

    def wish(self, params: HimVideoParams, root_seed: int, index: int) -> int:
        """Return the number of people of sample ``index``, in exact shares."""
        key = f"{self.info.slug}/{params.level}/counts"
        return params.people.of_sample(index, root_seed, key)

    def plan_wish(
        self, params: HimVideoParams, pool: Pool, rng: np.random.Generator, wish: int
    ) -> HimVideoPlan | Rejected:
        """Draw arrangements of ``wish`` people until one has the level's occlusion.

        Each level draws from a stream of its own, so that runs with the same seed share no clip.
        The order of the draws belongs to the recipe's version.
        """
        crowd, rule = self._crowd(params, pool), params.rule
        if not crowd.possible:
            return Rejected("the pool has too few subjects or backgrounds")
        rng = _of_level(rng, params.level)
        kind: Literal["still", "clip"] = "still" if rng.random() < params.still_share else "clip"
        for _ in range(_ARRANGEMENTS):
            behind = crowd.draw_background(rng, kind) or crowd.draw_background(rng)
            people = None if behind is None else crowd.draw_people(wish, behind, rng)
            if behind is None or people is None:
                continue
            canvas = FrameSize(behind.width, behind.height)
            places = line_up(people, canvas, rule, rng)
            found = None if places is None else measured(places, canvas, rule)
            if found is not None:
                return _as_plan(behind, *found, params, rng)
        return Rejected(f"no arrangement of {wish} people is {params.level}")

    def cost(self, plan: HimVideoPlan) -> Cost:
        """Estimate by the number of pixels and people."""
        return crowd_cost(
            plan,
            seconds_per_megapixel=self.cpu_seconds_per_megapixel,
            bytes_per_pixel=self.bytes_per_pixel,
        )

    def frames_from(
        self, plan: HimVideoPlan, sources: Mapping[str, Path], first: int
    ) -> Generator[Layers, None, None]:
        """Decode background and people side by side and yield the layers frame by frame."""
        return crowd_layers(plan, sources, first)


def _of_level(rng: np.random.Generator, level: Level) -> np.random.Generator:
    """Return a stream that depends on the next draw of ``rng`` and on the level."""
    return generator(sample_seed(int(rng.integers(2**63)), level))


def _seen(params: HimVideoParams, pool: Pool) -> Crowd:
    least = max(params.people.values)
    return Crowd(pool.on_side(params.split), CrowdRule(params.frames, least, stills=False))


def _as_plan(
    behind: PoolBackground,
    places: list[Place],
    figure: float,
    params: HimVideoParams,
    rng: np.random.Generator,
) -> HimVideoPlan:
    clip, sources = behind.kind == "clip", parse_sources(params.guidance)
    start = int(rng.integers(behind.frames - params.frames + 1)) if clip else 0
    rates = (behind.fps, *(place.track.subject.fps for place in places))
    fps = next((rate for rate in rates if rate is not None), _UNTIMED)
    return HimVideoPlan(
        frames=params.frames,
        width=behind.width,
        height=behind.height,
        fps_num=fps.numerator,
        fps_den=fps.denominator,
        caption=behind.caption,
        background=AssetRef.of(behind),
        background_start=start,
        instances=tuple(place.instance() for place in places),
        hidden=round(max(place.hidden for place in places), 6),
        foregrounds=params.foregrounds,
        clean=params.clean,
        guidance=sources,
        guides=draw_guides(sources, len(places), rng),
        level=params.level,
        figure=round(figure, 6),
    )
