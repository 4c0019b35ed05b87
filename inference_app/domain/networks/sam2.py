"""SAM 2: marks on a frame to a mask, and masks through a clip by a memory of few frames.

N. Ravi et al., "SAM 2: Segment Anything in Images and Videos", 2024, as `transformers` has it, read
from one's own files. Pictures are prepared as published: stretched to the side of the network, mean
and deviation of ImageNet.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import torch

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.networks.imagenet import imagenet_planes
from inference_app.domain.networks.saved_model import saved_model

KINDS: Final = {
    "sam2_video": ("transformers.models.sam2_video.modeling_sam2_video", "Sam2VideoModel")
}
# A mask that is given as what is believed so far counts as strongly as the network's own.
_BELIEF: Final = 10.0

Point = tuple[float, float, int]
"""x, y in pixels of the picture, and what it says (`interactive.sam2.points_of`)."""


class Sam2:
    """A network in memory; one thread at a time, others wait."""

    def __init__(self, folder: Path, device: Device) -> None:
        """Read the files in ``folder``. Raises BadInput when they are not what they should be."""
        self._device, self._lock = device, threading.Lock()
        self.network: Any = saved_model(folder, KINDS, device)
        self._side = int(self.network.config.image_size)

    def mask(
        self, picture: RgbFrame, points: Sequence[Point], before: SoftMask | None = None
    ) -> SoftMask:
        """Return (H, W) in 0..1: the object that ``points`` describe on one picture.

        ``before``: what the object was taken to be so far.
        """
        height, width = picture.shape[:2]
        scale = np.array([self._side / width, self._side / height], np.float32)
        where = np.array([point[:2] for point in points], np.float32).reshape(1, 1, -1, 2) * scale
        says = np.array([point[2] for point in points], np.int32).reshape(1, 1, -1)
        with self._lock, threads_pinned(self._device.threads), torch.inference_mode():
            seen = self.network.get_image_embeddings(self.prepared(picture)[None])
            sparse, dense = self.network.prompt_encoder(
                input_points=self._tensor(where),
                input_labels=self._tensor(says),
                input_boxes=None,
                input_masks=None if before is None else self._belief(before),
            )
            masks, scores, _, _ = self.network.mask_decoder(
                image_embeddings=seen[-1],
                image_positional_embeddings=self.network.get_image_wide_positional_embeddings(),
                sparse_prompt_embeddings=sparse,
                dense_prompt_embeddings=dense,
                # One point may mean a part or the whole: the network proposes three.
                multimask_output=len(points) == 1 and before is None,
                high_resolution_features=seen[:-1],
            )
            best = int(scores[0, 0].argmax())
            logits = masks[0, 0, best].float().cpu().numpy()
        return soft_mask(logits, (height, width))

    def track(self, pictures: Pictures) -> Sam2Track:
        """Begin to follow one object through a clip, with a memory of its own."""
        return Sam2Track(self, pictures)

    def prepared(self, picture: RgbFrame) -> torch.Tensor:
        """Return (3, side, side) as the network wants it."""
        size = (self._side, self._side)
        small = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR).astype(np.float32) / 255
        return self._tensor(imagenet_planes(small))

    def prepared_mask(self, mask: SoftMask) -> torch.Tensor:
        """Return (1, 1, side, side) of 0 and 1."""
        size = (self._side, self._side)
        small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        return self._tensor((small >= 0.5).astype(np.float32)[None, None])

    def step(self, session: Any, frame: int, *, reverse: bool) -> tuple[Any, float]:
        """Return logits (h, w) of one frame of a track, and how sure it is that there is one."""
        with self._lock, threads_pinned(self._device.threads):
            answer = self.network(session, frame_idx=frame, reverse=reverse)
            logits = answer.pred_masks.reshape(answer.pred_masks.shape[-2:]).float().cpu().numpy()
            there = float(answer.object_score_logits.float().sigmoid().reshape(-1)[0])
        return logits, there

    def session(self, frames: Mapping[int, torch.Tensor], cache: Any) -> Any:
        """Return an empty session over ``frames``, which are prepared when they are asked for."""
        from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession

        place = self._device.of_torch()
        session = Sam2VideoInferenceSession(inference_device=place, dtype=torch.float32)
        session.processed_frames = frames  # type: ignore[assignment]
        session.cache = cache or session.cache
        return session

    def _tensor(self, array: npt.NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(array).to(self._device.of_torch())

    def _belief(self, mask: SoftMask) -> torch.Tensor:
        size = tuple(reversed(self.network.prompt_encoder.mask_input_size))
        small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        return self._tensor((_BELIEF * (2 * small - 1)).astype(np.float32)[None, None])


class Sam2Track:
    """One object through a clip. What it holds does not grow with the clip."""

    def __init__(self, network: Sam2, pictures: Pictures, beside: Sam2Track | None = None) -> None:
        """``beside``: a track of the same clip; what both look at is then looked at once."""
        self._network, self._pictures = network, pictures
        cache = None if beside is None else beside._session.cache
        self._session: Any = network.session(_Frames(network, pictures), cache)
        self._object = self._session.obj_id_to_idx(1)
        sizes = network.network.config
        self._reach = max(sizes.num_maskmem, sizes.max_object_pointers_in_encoder)

    def beside(self) -> Sam2Track:
        """Begin with another object of the same clip."""
        return Sam2Track(self._network, self._pictures, self)

    def refer(self, frame: int, mask: SoftMask) -> None:
        """Tell the object's mask on a frame."""
        told = self._network.prepared_mask(mask)
        self._session.add_mask_inputs(self._object, frame, told)
        self._session.obj_with_new_inputs = [1]
        self._network.step(self._session, frame, reverse=False)
        self._trim("cond_frame_outputs", frame)

    def at(self, frame: int, *, reverse: bool) -> tuple[SoftMask, float]:
        """Return the object's mask on the next frame, (H, W) in 0..1, and how sure it is there."""
        logits, there = self._network.step(self._session, frame, reverse=reverse)
        self._trim("non_cond_frame_outputs", frame)
        size = self._pictures.size
        return soft_mask(logits, (size.height, size.width)), there

    def _trim(self, kind: str, frame: int) -> None:
        """Forget what no later frame asks for."""
        kept = self._session.output_dict_per_obj[self._object][kind]
        kept.get(frame, {}).pop("high_res_masks", None)
        if kind == "non_cond_frame_outputs":
            tracked = self._session.frames_tracked_per_obj[self._object]
            for old in [one for one in kept if abs(one - frame) >= self._reach]:
                del kept[old]
                tracked.pop(old, None)


class _Frames(Mapping[int, torch.Tensor]):
    """The frames of a clip, each prepared when it is asked for."""

    def __init__(self, network: Sam2, pictures: Pictures) -> None:
        self._network, self._pictures = network, pictures

    def __getitem__(self, number: int) -> torch.Tensor:
        return self._network.prepared(self._pictures[number])

    def __iter__(self) -> Any:
        return iter(range(self._pictures.frames))

    def __len__(self) -> int:
        return self._pictures.frames


def soft_mask(logits: npt.NDArray[Any], shape: tuple[int, int]) -> SoftMask:
    """Return logits (h, w) as a mask of ``shape`` in 0..1."""
    large = cv2.resize(
        logits.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR
    )
    sure: SoftMask = (1 / (1 + np.exp(-np.clip(large, -30, 30)))).astype(np.float32)
    return sure
