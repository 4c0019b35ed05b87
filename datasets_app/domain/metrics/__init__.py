"""The metrics: one file each, listed here. Pages show them in this order."""

from __future__ import annotations

from datasets_app.domain.metrics.base import Metric
from datasets_app.domain.metrics.boil import Boil
from datasets_app.domain.metrics.conn import Conn
from datasets_app.domain.metrics.contour import Contour
from datasets_app.domain.metrics.coverage import Coverage
from datasets_app.domain.metrics.dtssd import Dtssd
from datasets_app.domain.metrics.edge_disagreement import EdgeDisagreement
from datasets_app.domain.metrics.effect_left import EffectLeft
from datasets_app.domain.metrics.effect_share import EffectShare
from datasets_app.domain.metrics.fill_flicker import FillFlicker
from datasets_app.domain.metrics.flicker import Flicker
from datasets_app.domain.metrics.frozen import Frozen
from datasets_app.domain.metrics.grad import Grad
from datasets_app.domain.metrics.islands_holes import IslandsHoles
from datasets_app.domain.metrics.jaccard import Jaccard
from datasets_app.domain.metrics.mad import Mad
from datasets_app.domain.metrics.messddt import Messddt
from datasets_app.domain.metrics.mse import Mse
from datasets_app.domain.metrics.periodic import Periodic
from datasets_app.domain.metrics.pulse import Pulse
from datasets_app.domain.metrics.recomposition import Recomposition
from datasets_app.domain.metrics.sad import Sad
from datasets_app.domain.metrics.soft_share import SoftShare
from datasets_app.domain.metrics.spill import Spill
from datasets_app.domain.metrics.stands_out import StandsOut
from datasets_app.domain.metrics.timing import Timing
from datasets_app.domain.metrics.unexplained import Unexplained
from datasets_app.domain.plugins import Registry

METRICS: Registry[Metric] = Registry(
    "metric",
    [
        Coverage(),
        SoftShare(),
        Flicker(),
        Pulse(),
        Boil(),
        FillFlicker(),
        Dtssd(),
        Mad(),
        Mad("band"),
        Mad("unknown"),
        Mad("foreground"),
        Mse(),
        Sad(),
        Grad(),
        Conn(),
        Messddt(),
        Recomposition(),
        Unexplained(),
        StandsOut(),
        EffectShare(),
        EffectLeft(),
        IslandsHoles(),
        EdgeDisagreement(),
        Spill(),
        Timing(),
        Frozen(),
        Periodic(),
        Jaccard(),
        Contour(),
    ],
)
