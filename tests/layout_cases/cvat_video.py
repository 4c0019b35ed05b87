"""Two short videos of bottles with tracks, one of them in groups and with a fault drawn on it."""

from __future__ import annotations

from pathlib import Path

from tests.layout_cases.planting import Fault, copy, cut, remove
from tests.tuples import tuple_frames, write_videos

FRAMES = 8

_META = """<meta><task><id>7</id><name>belt</name><size>8</size><mode>interpolation</mode>
<labels><label><name>bottle</name></label><label><name>defect</name></label></labels>
<original_size><width>64</width><height>48</height></original_size></task></meta>"""


def box(frame: int, edges: str, *, outside: int = 0, keyframe: int = 1) -> str:
    """Return one <box>; ``edges``: left, top, right, bottom."""
    left, top, right, bottom = edges.split()
    return (
        f'<box frame="{frame}" outside="{outside}" occluded="0" keyframe="{keyframe}" '
        f'xtl="{left}" ytl="{top}" xbr="{right}" ybr="{bottom}" z_order="0">'
        '<attribute name="side">front</attribute></box>'
    )


def xml_of(*tracks: str) -> str:
    """Return a file with these tracks."""
    head = '<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>'
    return f"{head}{_META}{''.join(tracks)}</annotations>"


LEFT = f"""<track id="0" label="bottle" source="manual" group_id="1">
{box(0, "2.5 4.0 20.0 40.0")}{box(4, "6.5 4.0 24.0 40.0")}{box(7, "9.0 4.0 27.0 40.0", outside=1)}
</track>"""
RIGHT = f"""<track id="1" label="bottle" source="manual">
{box(0, "36.0 4.0 54.0 40.0")}{box(7, "36.0 4.0 54.0 40.0", outside=1)}</track>"""
SCRATCH = """<track id="2" label="defect" source="manual">
<polygon frame="2" outside="0" occluded="1" keyframe="1" points="8.0,10.0;14.0,10.0;14.0,18.0"/>
<polygon frame="3" outside="0" occluded="0" keyframe="1" points="8.0,10.0;14.0,10.0;14.0,18.0"/>
<polygon frame="4" outside="1" occluded="0" keyframe="1" points="8.0,10.0;14.0,10.0;14.0,18.0"/>
</track>"""
STAIN = """<track id="3" label="defect" source="auto"><mask frame="5" outside="0" occluded="0"
keyframe="1" rle="1, 4, 3" left="40" top="12" width="4" height="2" z_order="0"/>
<mask frame="6" outside="1" occluded="0" keyframe="1" rle="8" left="40" top="12" width="4"
height="2"/></track>"""


def video(folder: Path, name: str) -> None:
    """Write <name>.mp4 of 8 frames."""
    frames = {"rgb_full": tuple_frames(FRAMES)["rgb_full"]}
    written = write_videos(folder / f"work-{name}", frames)["rgb_full"]
    written.replace(folder / f"{name}.mp4")
    (folder / f"work-{name}").rmdir()


def tree(folder: Path) -> Path:
    """Write 1.mp4, 1.xml, 2.mp4, 2.xml, and return the folder."""
    folder.mkdir(parents=True)
    for name in ("1", "2"):
        video(folder, name)
    (folder / "1.xml").write_text(xml_of(LEFT, RIGHT, SCRATCH))
    (folder / "2.xml").write_text(xml_of(LEFT, STAIN))
    return folder


_BOMB = """<?xml version="1.0"?><!DOCTYPE annotations [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><annotations><version>&b;</version></annotations>"""
_FILE = """<?xml version="1.0"?><!DOCTYPE annotations [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<annotations><version>&a;</version></annotations>"""


def _swapped(old: str, new: str) -> str:
    text = xml_of(LEFT, RIGHT, SCRATCH)
    assert old in text
    return text.replace(old, new)


def _fault(code: str, text: str) -> Fault:
    return code, lambda tree: (tree / "1.xml").write_text(text)


FAULTS: list[Fault] = [
    ("video_unpaired", lambda t: remove(t / "1.xml")),
    ("annotation_unpaired", lambda t: remove(t / "1.mp4")),
    ("name_twice", lambda t: copy(t / "1.mp4", "1.avi")),
    ("unreadable", lambda t: cut(t / "1.mp4")),
    _fault("annotation_unreadable", _BOMB),
    _fault("annotation_unreadable", _FILE),
    _fault("annotation_unreadable", xml_of(LEFT)[:-20]),
    _fault("annotation_unreadable", xml_of('<image id="0" name="a.png" width="4"/>')),
    _fault("annotation_unreadable", _swapped('xtl="2.5"', 'xtl="wide"')),
    _fault("annotation_unreadable", _swapped('frame="3"', 'frame="2"')),
    _fault("annotation_unreadable", _swapped("8.0,10.0;14.0,10.0;14.0,18.0", "8.0,10.0")),
    _fault("tracks_none", xml_of()),
    _fault("shape_empty", _swapped('xbr="20.0"', 'xbr="1.0"')),
    _fault("label_unknown", _swapped('label="defect"', 'label="scratch"')),
    _fault("shape_unsupported", _swapped('<polygon frame="2"', '<polyline frame="2"')),
    _fault("size_differs", _swapped("<width>64", "<width>640")),
    _fault("frames_differ", _swapped("<size>8", "<size>9")),
    _fault("frame_beyond", _swapped('<box frame="7"', '<box frame="8"')),
    _fault("shape_beside", _swapped('xtl="36.0"', 'xtl="70.0"').replace("54.0", "90.0")),
]
