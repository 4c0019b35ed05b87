"""The format "CVAT for video 1.1": tracks of a video in one XML file, read and written.

A file from outside is read element by element. One that declares a document type is refused: it
could name files of this machine or unfold without end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from datasets_app.domain.annotation.tracks import Point, Shape, ShapeKind, Track, Tracks
from datasets_app.domain.findings import Finding
from datasets_app.domain.media.frames import FrameSize
from matteweb.errors import BadInput, Unsupported

VERSION: Final = "1.1"
MOST_BYTES: Final = 512 << 20
_MOST_RUNS: Final = 1 << 24
_KINDS: Final[tuple[ShapeKind, ...]] = ("box", "polygon", "mask")
_OTHER_KINDS: Final = frozenset({"polyline", "points", "ellipse", "cuboid", "skeleton", "tag"})


def read_cvat(path: Path, findings: list[Finding], *, name: str = "") -> Tracks:
    """Read a file; what it holds and nobody here uses becomes findings.

    Raises BadInput for what is no such XML, naming the element, and Unsupported for one that was
    exported for images.
    """
    name = name or path.name
    if not path.is_file():
        raise BadInput(f"{name} is no file that can be read", hint="copy it again")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{name} is larger than {MOST_BYTES >> 20} MiB", hint="export task by task")
    reading = _Reading(name)
    try:
        with path.open("rb") as file:
            for _, element in iterparse(file, events=("end",), forbid_dtd=True):
                reading.take(element)
    except DefusedXmlException as error:
        raise BadInput(
            f"{name} declares a document type or entities", hint="export it from CVAT again"
        ) from error
    except (ParseError, UnicodeDecodeError, LookupError) as error:
        raise BadInput(f"{name} is not XML that can be read: {error}") from error
    return reading.result(findings)


def write_cvat(tracks: Tracks) -> bytes:
    """Return the file; equal tracks give equal bytes."""
    root = Element("annotations")
    SubElement(root, "version").text = VERSION
    root.append(_meta(tracks))
    for track in tracks.tracks:
        facts = {"id": str(track.number), "label": track.label, "source": track.source}
        if track.group:
            facts["group_id"] = str(track.group)
        element = SubElement(root, "track", facts)
        for shape in track.shapes:
            _write_shape(element, shape)
    indent(root)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


class _Reading:
    """Collects what the elements say, and lets go of each once it is read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tracks: list[Track] = []
        self._labels: dict[str, None] = {}
        self._facts: dict[str, str] = {}
        self._left_out: Counter[str] = Counter()
        self._root = ""
        self._images = 0

    def take(self, element: Element) -> None:
        tag = element.tag
        self._root = tag
        if tag == "track":
            self._track(element)
            element.clear()
        elif tag == "image":
            self._images += 1
            element.clear()
        elif tag == "labels":
            for label in element.iter("label"):
                self._labels[(label.findtext("name") or "").strip()] = None
        elif tag in ("task", "job"):
            self._task(element)

    def result(self, findings: list[Finding]) -> Tracks:
        if self._root != "annotations":
            raise BadInput(
                f"{self._name} begins with <{self._root}>, not <annotations>",
                hint='export it as "CVAT for video 1.1"',
            )
        if self._images and not self._tracks:
            raise Unsupported(
                f"{self._name} was exported for images: it has no tracks",
                hint='export it as "CVAT for video 1.1"',
            )
        for kind, count in sorted(self._left_out.items()):
            message = f"{self._name} has {count} shapes of kind {kind}"
            hint = f"they are left out; {', '.join(_KINDS)} are read"
            findings.append(Finding("shape_unsupported", "warning", message, hint, self._name))
        return Tracks(
            tuple(sorted(self._tracks, key=lambda track: track.number)),
            tuple(label for label in self._labels if label),
            self._number("size"),
            self._size(),
            self._facts.get("name", ""),
        )

    def _track(self, element: Element) -> None:
        number = _whole(element, "id", self._name, len(self._tracks))
        where = f"track {number} of {self._name}"
        shapes: dict[int, Shape] = {}
        for child in element:
            if child.tag in _KINDS:
                shape = _shape(child, child.tag, where)
                if shape.frame in shapes:
                    raise BadInput(f"{where} has frame {shape.frame} twice", hint="export it again")
                shapes[shape.frame] = shape
            else:
                self._left_out[child.tag] += 1
        if shapes:
            self._tracks.append(
                Track(
                    number,
                    element.get("label", "").strip(),
                    tuple(shapes[frame] for frame in sorted(shapes)),
                    _whole(element, "group_id", where, 0),
                    element.get("source", "manual"),
                )
            )

    def _task(self, element: Element) -> None:
        for key in ("name", "size"):
            self._facts.setdefault(key, (element.findtext(key) or "").strip())
        size = element.find("original_size")
        if size is not None:
            for key in ("width", "height"):
                self._facts.setdefault(key, (size.findtext(key) or "").strip())

    def _number(self, key: str) -> int | None:
        text = self._facts.get(key, "")
        return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None

    def _size(self) -> FrameSize | None:
        width, height = self._number("width"), self._number("height")
        return FrameSize(width, height) if width and height else None


def _shape(element: Element, kind: ShapeKind, where: str) -> Shape:
    frame = _whole(element, "frame", where)
    place = f"frame {frame} of {where}"
    if frame < 0:
        raise BadInput(f"{where} has frame {frame}", hint="frames count from 0")
    points, runs = _geometry(element, kind, place)
    return Shape(
        frame=frame,
        kind=kind,
        points=points,
        outside=element.get("outside") == "1",
        occluded=element.get("occluded") == "1",
        keyframe=element.get("keyframe", "1") != "0",
        runs=runs,
        level=_whole(element, "z_order", place, 0),
        facts=tuple(
            (one.get("name", ""), (one.text or "").strip()) for one in element.iter("attribute")
        ),
    )


def _geometry(
    element: Element, kind: ShapeKind, place: str
) -> tuple[tuple[Point, ...], tuple[int, ...]]:
    if kind == "box":
        left, top, right, bottom = (
            _real(element, key, place) for key in ("xtl", "ytl", "xbr", "ybr")
        )
        return ((left, top), (right, bottom)), ()
    if kind == "polygon":
        return _points(element.get("points", ""), place), ()
    left, top = _real(element, "left", place), _real(element, "top", place)
    width, height = _whole(element, "width", place), _whole(element, "height", place)
    runs = _runs(element.get("rle", ""), place)
    if width < 1 or height < 1 or sum(runs) != width * height:
        raise BadInput(
            f"the mask on {place} has {sum(runs)} pixels, its box {width * height}",
            hint="export it again",
        )
    return ((left, top), (left + width, top + height)), runs


def _points(text: str, place: str) -> tuple[Point, ...]:
    try:
        pairs = [pair.split(",") for pair in text.split(";") if pair.strip()]
        points = tuple((_finite(x), _finite(y)) for x, y in pairs)
    except ValueError as error:
        raise BadInput(f"the polygon on {place} has no pairs of numbers") from error
    if len(points) < 3:
        raise BadInput(f"the polygon on {place} has {len(points)} corners", hint="it needs 3")
    return points


def _runs(text: str, place: str) -> tuple[int, ...]:
    try:
        runs = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise BadInput(f"the mask on {place} has runs that are no numbers") from error
    if len(runs) > _MOST_RUNS or any(run < 0 for run in runs):
        raise BadInput(f"the mask on {place} has runs that no picture has")
    return runs


def _finite(text: str) -> float:
    value = float(text)
    if not -1e7 < value < 1e7:
        raise ValueError(text)
    return value


def _real(element: Element, key: str, place: str) -> float:
    try:
        return _finite(element.get(key, ""))
    except ValueError as error:
        raise BadInput(f"{key} on {place} is {element.get(key)!r}, not a number") from error


def _whole(element: Element, key: str, place: str, missing: int | None = None) -> int:
    text = element.get(key)
    if text is None and missing is not None:
        return missing
    try:
        return int(text or "")
    except ValueError as error:
        raise BadInput(f"{key} of {place} is {text!r}, not a whole number") from error


def _meta(tracks: Tracks) -> Element:
    meta = Element("meta")
    task = SubElement(meta, "task")
    SubElement(task, "name").text = tracks.task
    if tracks.frames:
        SubElement(task, "size").text = str(tracks.frames)
    SubElement(task, "mode").text = "interpolation"
    labels = SubElement(task, "labels")
    for label in tracks.labels:
        SubElement(SubElement(labels, "label"), "name").text = label
    if tracks.size:
        size = SubElement(task, "original_size")
        SubElement(size, "width").text = str(tracks.size.width)
        SubElement(size, "height").text = str(tracks.size.height)
    return meta


def _write_shape(track: Element, shape: Shape) -> None:
    facts = {
        "frame": str(shape.frame),
        "keyframe": str(int(shape.keyframe)),
        "outside": str(int(shape.outside)),
        "occluded": str(int(shape.occluded)),
        **dict(_placed(shape)),
        "z_order": str(shape.level),
    }
    element = SubElement(track, shape.kind, facts)
    for name, text in shape.facts:
        SubElement(element, "attribute", {"name": name}).text = text


def _placed(shape: Shape) -> Iterator[tuple[str, str]]:
    if shape.kind == "polygon":
        yield "points", ";".join(f"{x!r},{y!r}" for x, y in shape.points)
        return
    (left, top), (right, bottom) = shape.points
    if shape.kind == "box":
        yield from zip(
            ("xtl", "ytl", "xbr", "ybr"), map(repr, (left, top, right, bottom)), strict=True
        )
        return
    yield "rle", ", ".join(map(str, shape.runs))
    yield "left", repr(left)
    yield "top", repr(top)
    yield "width", str(round(right - left))
    yield "height", str(round(bottom - top))
