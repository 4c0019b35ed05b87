"""Captions by any service that speaks the chat protocol of OpenAI and looks at pictures.

One request shows the pictures and asks for the longest caption, three more shorten that text, so
that all lengths tell the same and the pictures are paid for once.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import httpx

from datasets_app.domain.captions import Captions
from datasets_app.domain.media.frames import RgbFrame, frame_size
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.captioners import prompts
from inference_app.domain.captioners.base import Described, TokenBudget
from inference_app.domain.outgoing import destination
from matteweb.errors import BadInput, Cancelled, Conflict

_LONGEST_SIDE: Final = 512
_ANSWER_TOKENS: Final = 400
_MOST_BYTES: Final = 1 << 20
_MOST_WAIT: Final = 60.0
_WORTH_ANOTHER_TRY: Final = frozenset({408, 409, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the service is. ``url`` ends where ``/chat/completions`` begins; ``private``: it may be
    on this machine or in the local network. ``tries`` of one request, ``pause`` seconds before the
    second of them, doubled before each further one."""

    url: str
    model: str
    key: str = ""
    private: bool = False
    timeout: float = 60.0
    tries: int = 5
    pause: float = 1.0


_endpoints: list[Endpoint] = []


def use_endpoint(endpoint: Endpoint) -> None:
    """Say where the service is; called once by whoever puts the program together."""
    _endpoints[:] = [endpoint]


class OpenAiVision:
    """Asks the service that the settings name."""

    info = PluginInfo(
        "openai_vision",
        "Vision model by address",
        "A service with the chat protocol of OpenAI looks at pictures of the video",
        version=1,
    )
    pictures = 8

    def unavailable(self) -> str:
        """Say which settings are missing."""
        endpoint = _endpoints[0] if _endpoints else Endpoint("", "")
        missing = [
            name
            for name, value in (
                ("MATTEWEB_CAPTION_URL", endpoint.url),
                ("MATTEWEB_CAPTION_MODEL", endpoint.model),
            )
            if not value
        ]
        return f"set {' and '.join(missing)}" if missing else ""

    def describe(
        self, pictures: Sequence[RgbFrame], budget: TokenBudget, should_stop: ShouldStop
    ) -> Described:
        """Describe the video; see `Captioner`."""
        if why_not := self.unavailable():
            raise Conflict(f"{self.info.label} cannot work: {why_not}")
        endpoint = _endpoints[0]
        # A proxy of the environment would connect to wherever it likes.
        with httpx.Client(
            timeout=endpoint.timeout, trust_env=False, follow_redirects=False
        ) as client:
            return _described(pictures, _Asking(endpoint, client, budget, should_stop))


def _described(pictures: Sequence[RgbFrame], asking: _Asking) -> Described:
    words = prompts.word_limit("verbose")
    question = prompts.LOOK.format(count=len(pictures), words=words)
    shown = [{"type": "image_url", "image_url": {"url": _data_url(one)}} for one in pictures]
    verbose = asking.answer([{"type": "text", "text": question}, *shown])
    texts = {"verbose": prompts.within(verbose, "verbose")}
    for length, template in prompts.SHORTEN.items():
        limit = prompts.word_limit(length)
        answer = asking.answer(template.format(words=limit, text=texts["verbose"]))
        texts[length] = prompts.within(answer, length)
    return Described(Captions(**texts), asking.model)


class _Asking:
    """Questions to one endpoint on one budget."""

    def __init__(
        self,
        endpoint: Endpoint,
        client: httpx.Client,
        budget: TokenBudget,
        should_stop: ShouldStop,
    ) -> None:
        self._endpoint, self._client = endpoint, client
        self._budget, self._should_stop = budget, should_stop
        self.model = endpoint.model

    def answer(self, content: str | list[dict[str, Any]]) -> str:
        """Return what the model says. Raises as `Captioner.describe`."""
        body = {
            "model": self._endpoint.model,
            "messages": [
                {"role": "system", "content": prompts.SYSTEM},
                {"role": "user", "content": content},
            ],
            "max_tokens": _ANSWER_TOKENS,
            "temperature": 0.2,
        }
        pause = self._endpoint.pause
        for tried in range(1, self._endpoint.tries + 1):
            self._budget.require(_ANSWER_TOKENS)
            if self._should_stop():
                raise Cancelled("captioning was stopped", hint="what is finished is kept")
            status, data, after = self._post(body)
            if status == 200:
                return self._text(data)
            if status not in _WORTH_ANOTHER_TRY and status != 0:
                raise _refused(status, data)
            if tried < self._endpoint.tries:
                self._wait(after if after is not None else pause)
                pause *= 2
        what = _said(data) if status else data.decode(errors="replace")
        raise Conflict(
            f"the captioning service gave no answer in {self._endpoint.tries} tries: {what}",
            hint="try again later; finished videos are not asked for again",
        )

    def _post(self, body: dict[str, Any]) -> tuple[int, bytes, float | None]:
        """Return status, answer and the pause that the service asks for; status 0 and a reason when
        no answer came."""
        url = f"{self._endpoint.url.rstrip('/')}/chat/completions"
        place = destination(url, private=self._endpoint.private)
        headers = {"Host": place.host}
        if self._endpoint.key:
            headers["Authorization"] = f"Bearer {self._endpoint.key}"
        try:
            with self._client.stream(
                "POST",
                place.url,
                json=body,
                headers=headers,
                extensions={"sni_hostname": place.name},
            ) as response:
                data = b""
                for part in response.iter_bytes():
                    data += part
                    if len(data) > _MOST_BYTES:
                        raise Conflict("the captioning service answers without end")
                return response.status_code, data, _asked_pause(response)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            return 0, reason.encode(), None

    def _text(self, data: bytes) -> str:
        try:
            answer = json.loads(data)
            choice = answer["choices"][0]
            text = choice["message"]["content"]
            used = int((answer.get("usage") or {}).get("total_tokens", _ANSWER_TOKENS))
        except (ValueError, LookupError, TypeError) as error:
            raise Conflict(
                "the captioning service answers in a form that is not the chat protocol",
                hint="check MATTEWEB_CAPTION_URL: it ends before /chat/completions",
            ) from error
        self._budget.spent += max(0, used)
        self.model = str(answer.get("model") or self._endpoint.model)
        if not isinstance(text, str) or not text.strip():
            said = choice.get("finish_reason") or "nothing"
            raise BadInput(f"the model gave no caption ({said})", hint="write this one by hand")
        return text

    def _wait(self, seconds: float) -> None:
        ends = time.monotonic() + min(seconds, _MOST_WAIT)
        while (left := ends - time.monotonic()) > 0:
            if self._should_stop():
                raise Cancelled("captioning was stopped", hint="what is finished is kept")
            time.sleep(min(left, 0.2))


def _asked_pause(response: httpx.Response) -> float | None:
    raw = response.headers.get("Retry-After", "")
    return float(raw) if raw.replace(".", "", 1).isdecimal() else None


def _refused(status: int, data: bytes) -> BadInput | Conflict:
    """Return what an answer means that no further try changes."""
    if status in {400, 413, 422}:
        return BadInput(
            f"the captioning service refuses this video: {_said(data)}",
            hint="write this one by hand",
        )
    hints = {401: "check MATTEWEB_CAPTION_KEY", 403: "check MATTEWEB_CAPTION_KEY"}
    return Conflict(
        f"the captioning service answers {status}: {_said(data)}",
        hint=hints.get(status, "check MATTEWEB_CAPTION_URL and MATTEWEB_CAPTION_MODEL"),
    )


def _said(data: bytes) -> str:
    """Return the service's own words on an error, at most 200 characters."""
    try:
        words = json.loads(data)["error"]
        text = words["message"] if isinstance(words, dict) else str(words)
    except (ValueError, LookupError, TypeError):
        text = data.decode(errors="replace")
    return " ".join(str(text).split())[:200] or "no reason was given"


def _data_url(picture: RgbFrame) -> str:
    size = frame_size(picture).fitted(_LONGEST_SIDE)
    small = cv2.resize(picture, (size.width, size.height), interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not done:
        raise BadInput("a frame of the video cannot be written as JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(encoded.tobytes()).decode()}"
