"""Networks as ONNX files: opened on one device, asked what they take, run on arrays.

An ONNX file is data, unlike a pickle or a script: what it may compute is what the runtime knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from inference_app.domain.device import Device
from matteweb.errors import BadInput

Arrays = Mapping[str, npt.NDArray[np.float32]]
_ERRORS_ONLY = 3


class OnnxNetwork:
    """One file in memory. ``inputs``, ``outputs``: shape by name, None where any size will do."""

    def __init__(self, path: Path, device: Device) -> None:
        """Read the file. Raises BadInput when it is no ONNX network that this runtime can run."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = device.threads
        options.log_severity_level = _ERRORS_ONLY
        providers: list[object] = ["CPUExecutionProvider"]
        if device.kind == "cuda" and "CUDAExecutionProvider" in (
            onnxruntime.get_available_providers()
        ):
            providers.insert(0, ("CUDAExecutionProvider", {"device_id": device.index}))
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=providers
            )
        except Exception as error:  # the runtime's own classes share no base but this
            raise BadInput(
                f"{path.name} cannot be read as ONNX: {error}", hint="get the file again"
            ) from error
        self.inputs = {one.name: _shape(one.shape) for one in self._session.get_inputs()}
        self.outputs = {one.name: _shape(one.shape) for one in self._session.get_outputs()}

    def run(self, arrays: Arrays) -> dict[str, npt.NDArray[np.float32]]:
        """Return every output by name. Raises BadInput when the network refuses the arrays."""
        try:
            found = self._session.run(None, dict(arrays))
        except Exception as error:  # as above
            raise BadInput(f"the network cannot take these pictures: {error}") from error
        return {
            name: np.asarray(value, np.float32)
            for name, value in zip(self.outputs, found, strict=True)
        }


def _shape(told: list[int | str | None]) -> tuple[int | None, ...]:
    return tuple(side if isinstance(side, int) and side > 0 else None for side in told)
