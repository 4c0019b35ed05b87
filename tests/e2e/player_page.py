"""Opening the player's page, and the scripts that read what it has drawn."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.e2e.player_site import BITS, CELL, SIZE, PlayerSite

OpenPage = Callable[..., Page]

FRAMES = 100
CLIP = {"width": SIZE.width, "height": SIZE.height, "cell": CELL, "bits": BITS}
PROBE = (Path(__file__).parent / "player_probe.js").read_text()

# The test machine draws WebGL on its processor; the player is told that it is a graphics card.
ACCELERATED = """
const own = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  return name === 0x9246 ? "a graphics card" : own.call(this, name);
};
"""
WITHOUT_WEBCODECS = "delete globalThis.VideoDecoder;"


def opened(
    open_page: OpenPage, player_site: PlayerSite, *before: str, url: str = "", **options: Any
) -> Page:
    """Open the page and wait for frame 0 at 100 %."""
    page = open_page(viewport={"width": 1440, "height": 900}, **options)
    for script in (*before, PROBE):
        page.add_init_script(script)
    page.goto(url or player_site.url)
    page.evaluate("probe.at(0)")
    page.evaluate("probe.natural()")
    return page


def random_frames(count: int) -> list[int]:
    rng = random.Random(7)
    return [rng.randrange(FRAMES) for _ in range(count)]


SEEK_AND_COMPARE = """async ([frames, clip]) => {
  const found = {mixed: [], wrong: 0, frames: 0, bytes: 0};
  for (const frame of frames) {
    await probe.seek(frame);
    const shown = probe.shown(clip);
    if (shown.some((number) => number !== frame)) found.mixed.push([frame, shown]);
    found.wrong += probe.wrongIn(probe.panes()[2], clip, frame);
    found.frames = Math.max(found.frames, probe.player().streams.cachedFrames);
    found.bytes = Math.max(found.bytes, probe.player().streams.cachedBytes);
  }
  return found;
}"""


PLAY_THROUGH = """(clip) => new Promise((resolve) => {
  const player = probe.player();
  const seen = [];
  const mixed = [];
  player.addEventListener("mw-frame", ({detail}) => {
    seen.push(detail.frame);
    const shown = probe.shown(clip);
    if (shown.some((number) => number !== detail.frame)) mixed.push([detail.frame, shown]);
    if (detail.frame === player.model.clock.last) resolve({seen, mixed});
  });
  player.model.toggle();
})"""


COMPARE_VIEWS = """async (views) => {
  const {shadedPixels} = await import("/static/mw/player/canvas_renderer.js");
  const player = probe.player();
  const worst = {};
  for (const [id, [x, y]] of Object.entries(views)) {
    player.view = id;
    player.model.setValues([x, y, 0, 0]);
    for (let tick = 0; tick < 3; tick++) await new Promise(requestAnimationFrame);
    const {streams, model} = player;
    const shown = streams.at(33, model.offsets);
    const size = {width: model.layers.width, height: model.layers.height};
    worst[id] = Math.max(...model.panes.map((spec, at) => {
      const drawn = probe.panes()[at];
      const inputs = spec.inputs.map(({stream, offset = 0}) => {
        return {key: "", picture: shown.get(stream, offset)};
      });
      const pictures = inputs.map(({picture}) => picture);
      if (model.view.derive) inputs.at(-1).picture = model.view.derive(pictures, spec.inputs);
      const wanted = shadedPixels({size, inputs, view: model.view, values: model.values});
      return wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - drawn[i])), 0);
    }));
  }
  return worst;
}"""

# What comes along with the planes of each stream of a sample that is opened in the view, and by
# how much what is drawn differs from what the planes alone say.
OPENED_IN_VIEW = """async ([view, src]) => {
  const {shadedPixels} = await import("/static/mw/player/canvas_renderer.js");
  const player = probe.player();
  player.view = view;
  player.setAttribute("src", src);
  await probe.at(0);
  await probe.natural();
  const {streams, model} = player;
  const shown = streams.at(0);
  const along = Object.fromEntries(model.layers.streams.map(({name}) => {
    const picture = shown.get(name, 0);
    return [name, ["bitmap", "rgba"].filter((form) => picture[form]).join()];
  }));
  const size = {width: model.layers.width, height: model.layers.height};
  const worst = Math.max(...model.panes.map((spec, at) => {
    const drawn = probe.panes()[at];
    const inputs = spec.inputs.map(({stream}) => {
      const picture = {...shown.get(stream, 0), bitmap: undefined, rgba: undefined};
      return {key: "", picture};
    });
    const wanted = shadedPixels({size, inputs, view: model.view, values: model.values});
    return wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - drawn[i])), 0);
  }));
  return {along, worst};
}"""

ALL_VIEWS = """async () => {
  const {VIEWS} = await import("/static/mw/player/views/index.js");
  return VIEWS.map(({id}) => id);
}"""
