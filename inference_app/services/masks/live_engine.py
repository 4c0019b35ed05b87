"""What the live engine does with a request: masks at once, masks through the clip, stop.

One process for all people. A session is on the bench while it is worked on; the one that was used
longest ago, or not for half an hour, is put away, and comes back from its stored interactions.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from django.db import close_old_connections

from inference_app.adapters.engine_socket import Message
from inference_app.adapters.lanes import Lanes
from inference_app.adapters.mask_frames import mask_png
from inference_app.domain.interactive import ENGINES
from inference_app.domain.interactive.scribble import ScribbleEngine
from inference_app.models import MaskSession
from inference_app.services.masks.mask_carrying import carrying_hand_over
from inference_app.services.masks.mask_work import Before, Bench, carry
from matteweb.errors import BadInput, Cancelled, NotFound

_BENCHES: Final = 6
_IDLE_SECONDS: Final = 1800.0


@dataclass(slots=True)
class _Place:
    """A session on the bench. ``tickets``: the newest click per object and frame."""

    bench: Bench
    lock: threading.Lock = field(default_factory=threading.Lock)
    tickets: dict[tuple[int, int], int] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    used: float = 0.0


class LiveEngine:
    """Answers requests from several threads at once."""

    def __init__(self, lanes: Lanes, clock: Callable[[], float] = monotonic) -> None:
        self._lanes, self._clock = lanes, clock
        self._places: OrderedDict[int, _Place] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, request: Message) -> Iterator[Message]:
        """Yield the answers to one request; the last has ``done``.

        Closing the generator before that says that nobody listens. Raises MatteError.
        """
        what = request.head.get("do")
        try:
            if what == "ping":
                yield Message({"done": True})
            elif what == "mask":
                yield self._mask(request.head)
                self._look_ahead(request.head)
            elif what == "carry":
                yield from self._carry(request.head)
            elif what == "stop":
                yield self._stop(request.head)
            else:
                raise BadInput(f"the engine cannot {what!r}", hint="ping, mask, carry or stop")
        finally:
            close_old_connections()

    def _mask(self, head: dict[str, Any]) -> Message:
        """Return what the stored interactions of a frame say; the newest click wins.

        1. Take a ticket. 2. Wait for the session. 3. Whoever waited while a newer ticket of the
        same object and frame was taken answers without work: its marks are in the newer one.
        """
        place = self._place(head["session"])
        where = (int(head["object"]), int(head["frame"]))
        with self._lock:
            ticket = place.tickets.get(where, 0) + 1
            place.tickets[where] = ticket
        with place.lock:
            if place.tickets[where] != ticket:
                return Message({"done": True, "superseded": True})
            png = place.bench.mask(*where)
        return Message({"done": True, "empty": png is None}, png or b"")

    def _look_ahead(self, head: dict[str, Any]) -> None:
        """After an answer: masks are often carried on from where somebody drew."""
        bench = self._place(head["session"]).bench
        if bench.session.engine == ScribbleEngine.info.slug:
            self._lanes.look(bench.clip, int(head["frame"]))

    def _carry(self, head: dict[str, Any]) -> Iterator[Message]:
        place = self._place(head["session"])
        frame = int(head["frame"])
        with place.lock:
            references = place.bench.references()
            if frame not in references:
                raise BadInput(
                    f"frame {frame} has no mask to carry on", hint="mark the objects there first"
                )
            wished = set(head.get("objects") or references[frame])
            objects = sorted(wished & set(references[frame]))
            first = place.bench.before_of(frame)
            before = Before(place.bench.frames, objects, frame, first) if first else None
            session = place.bench.session
        stop = place.stop
        finished = False
        try:
            for done in carry(
                session=session,
                references=references,
                before=before,
                frame=frame,
                objects=objects,
                should_stop=stop.is_set,
                lanes=self._lanes,
            ):
                place.used = self._clock()
                for number, mask in done.masks.items():
                    facts = {
                        "frame": done.frame,
                        "object": number,
                        "sure": round(done.sure[number], 3),
                        "final": done.final,
                    }
                    yield Message(facts, mask_png(mask))
            finished = True
        except Cancelled:
            finished = True  # somebody wanted it so
            yield Message({"done": True, "cancelled": True})
            return
        finally:
            if not finished:
                carrying_hand_over(session=session, frame=frame, user=head.get("user"))
        yield Message({"done": True})

    def _stop(self, head: dict[str, Any]) -> Message:
        place = self._place(head["session"])
        with self._lock:
            # What begins from now on has an event of its own.
            stopped, place.stop = place.stop, threading.Event()
        stopped.set()
        return Message({"done": True})

    def _place(self, pk: int) -> _Place:
        with self._lock:
            place = self._places.pop(pk, None)
            if place is None:
                session = (
                    MaskSession.objects.filter(pk=pk)
                    .select_related("video__project", "video__master", "video__original")
                    .first()
                )
                if session is None:
                    raise NotFound(f"there is no mask session {pk}")
                place = _Place(Bench(session))
            place.used = self._clock()
            self._places[pk] = place
            self._put_away(place.used - _IDLE_SECONDS)
        return place

    def _put_away(self, before: float) -> None:
        """Forget the sessions that are too many, or were not used since ``before``; with the last
        one of a large engine goes its network."""
        idle = [pk for pk, place in self._places.items() if place.used < before]
        many = list(self._places)[: max(0, len(self._places) - _BENCHES)]
        for pk in {*idle, *many}:
            del self._places[pk]
        kept = {place.bench.session.engine for place in self._places.values()}
        for engine in ENGINES:
            if engine.info.slug not in kept:
                engine.cool()
