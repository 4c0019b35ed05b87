/** What can be done in the viewer, as actions: keys, buttons and the "?" sheet come from these. */
import { gettext } from "../lib/text.js";
import { VIEWS } from "./views/index.js";

/** @typedef {import("../keyboard/actions.js").Action} Action */
/** @typedef {import("./model.js").PlayerModel} PlayerModel */
/** @typedef {import("./zoom_control.js").ZoomControl} ZoomControl */

/** @typedef {import("./stills.js").Stills} Stills */

/** @typedef {{model: PlayerModel | null, zoom: ZoomControl | null, stills: Stills | null, frame: number}} Controls null while nothing is loaded */

/** Device pixels. */
const PAN_STEP = 60;

/**
 * @param {Controls} controls
 * @returns {Action[]}
 */
export function playerActions(controls) {
  return [...transport(controls), ...loop(controls), ...views(controls), ...zoom(controls)];
}

/**
 * @param {Controls} controls
 * @param {string} group
 * @returns {(id: string, label: string, keys: string[], run: (model: PlayerModel) => void, more?: Partial<Action>) => Action}
 */
function maker(controls, group) {
  return (id, label, keys, run, more = {}) => ({
    id: `player.${id}`,
    label,
    keys,
    group,
    when: () => controls.model !== null,
    run: () => controls.model && run(controls.model),
    ...more,
  });
}

/** @param {Controls} controls */
function transport(controls) {
  const make = maker(controls, gettext("Viewer: frames"));
  const playing = () => controls.model?.clock.playing ?? false;
  return [
    make("first", gettext("First frame"), ["Home"], (m) => m.seek(0), { icon: "first" }),
    make("back", gettext("Previous frame"), ["ArrowLeft", ","], (m) => m.step(-1), { icon: "back" }),
    make("play", gettext("Play or pause"), ["Space"], (m) => m.toggle(), { icon: "play", pressed: playing }),
    make("forward", gettext("Next frame"), ["ArrowRight", "."], (m) => m.step(1), { icon: "fwd" }),
    make("last", gettext("Last frame"), ["End"], (m) => m.seek(m.clock.last), { icon: "last" }),
    make("shuttle_back", gettext("Play backwards, again for faster"), ["j"], (m) => m.shuttle(-1)),
    make("pause", gettext("Pause"), ["k"], (m) => m.pause()),
    make("shuttle", gettext("Play, again for faster"), ["l"], (m) => m.shuttle(1)),
    make("exact", gettext("This frame losslessly, and back"), ["x"], (m) => (m.pause(), controls.stills?.toggle(controls.frame)), {
      icon: "eye",
      when: () => controls.stills?.possible ?? false,
      pressed: () => controls.stills?.shown ?? false,
    }),
  ];
}

/** @param {Controls} controls */
function loop(controls) {
  const make = maker(controls, gettext("Viewer: loop"));
  const looping = () => controls.model?.clock.looping ?? false;
  return [
    make("in", gettext("Loop starts here"), ["i"], (m) => m.setIn(), { icon: "in" }),
    make("out", gettext("Loop ends here"), ["o"], (m) => m.setOut(), { icon: "out" }),
    make("loop", gettext("Loop on or off"), ["Shift+L"], (m) => m.toggleLoop(), { icon: "loop", pressed: looping }),
  ];
}

/** @param {Controls} controls */
function views(controls) {
  const make = maker(controls, gettext("Viewer: view"));
  return VIEWS.map((view) =>
    make(`view.${view.id}`, view.label, [...view.keys], (m) => m.choose(view), {
      icon: view.icon,
      pressed: () => controls.model?.view === view,
      when: () => controls.model?.views.includes(view) ?? false,
    }),
  );
}

/** @param {Controls} controls */
function zoom(controls) {
  const make = maker(controls, gettext("Viewer: zoom"));
  const when = () => controls.zoom !== null;
  return [
    make("zoom_in", gettext("Zoom in"), ["+", "="], () => controls.zoom?.step(1), { icon: "plus", when }),
    make("zoom_out", gettext("Zoom out"), ["-"], () => controls.zoom?.step(-1), { icon: "minus", when }),
    make("zoom_fit", gettext("Fit"), ["0"], () => controls.zoom?.fit(), { icon: "fit", when }),
    make("pan_left", gettext("Move left"), ["Shift+ArrowLeft"], () => controls.zoom?.pan(PAN_STEP, 0), { when }),
    make("pan_right", gettext("Move right"), ["Shift+ArrowRight"], () => controls.zoom?.pan(-PAN_STEP, 0), { when }),
    make("pan_up", gettext("Move up"), ["Shift+ArrowUp"], () => controls.zoom?.pan(0, PAN_STEP), { when }),
    make("pan_down", gettext("Move down"), ["Shift+ArrowDown"], () => controls.zoom?.pan(0, -PAN_STEP), { when }),
  ];
}
