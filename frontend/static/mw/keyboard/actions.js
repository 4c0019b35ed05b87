/** The one table of what can be done here, which shortcut, button, menu and the sheet all read. */
import { isSingleCharacter } from "./keys.js";

/**
 * @typedef {object} Action
 * @property {string} id unique, "area.verb"
 * @property {string} label a verb, translated
 * @property {readonly string[]} keys see keys.js; may be empty
 * @property {() => void} run
 * @property {() => boolean} [when] can it be done now; absent means always
 * @property {() => boolean} [pressed] for actions that switch something on
 * @property {boolean} [once] a key that is held down does it once
 * @property {string} [icon] of the sprite
 * @property {string} [group] heading in the sheet
 */

export class ActionTable extends EventTarget {
  /** @type {Map<string, Action>} */ #byId = new Map();
  /** @type {Map<string, Action>} */ #byKey = new Map();
  /** Single characters fire only while this is true (WCAG 2.1.4). */
  characterKeys = true;

  /**
   * Add all or none.
   * @param {readonly Action[]} actions
   * @param {{signal?: AbortSignal}} [options] the signal takes them out again
   * @throws {Error} naming both actions when an id or a key is taken
   */
  add(actions, { signal } = {}) {
    const ids = new Map(this.#byId);
    const keys = new Map(this.#byKey);
    for (const action of actions) {
      if (ids.has(action.id)) throw new Error(`action ${action.id} is there twice`);
      ids.set(action.id, action);
      for (const key of action.keys) {
        const other = keys.get(key);
        if (other) throw new Error(`key "${key}" is wanted by ${other.id} and by ${action.id}`);
        keys.set(key, action);
      }
    }
    this.#byId = ids;
    this.#byKey = keys;
    signal?.addEventListener("abort", () => this.#remove(actions), { once: true });
    this.changed();
  }

  /** @param {readonly Action[]} actions */
  #remove(actions) {
    for (const action of actions) {
      this.#byId.delete(action.id);
      for (const key of action.keys) this.#byKey.delete(key);
    }
    this.changed();
  }

  /** Say that when() or pressed() of some action may answer otherwise now. */
  changed() {
    this.dispatchEvent(new Event("changed"));
  }

  /** @returns {Action[]} */
  list() {
    return [...this.#byId.values()];
  }

  /** @param {string} id */
  get(id) {
    return this.#byId.get(id);
  }

  /**
   * @param {string} id
   * @returns {boolean} whether it could be done
   */
  run(id) {
    return this.perform(this.#byId.get(id));
  }

  /**
   * @param {string} key as keys.js names it
   * @param {boolean} [repeated] it is being held down
   * @returns {boolean} whether an action took it
   */
  press(key, repeated = false) {
    if (!this.characterKeys && isSingleCharacter(key) && key !== "?") return false;
    const action = this.#byKey.get(key);
    return repeated && action?.once ? true : this.perform(action);
  }

  /**
   * @param {Action | undefined} action of this table or not
   * @returns {boolean} whether it could be done
   */
  perform(action) {
    if (!action || (action.when && !action.when())) return false;
    action.run();
    this.changed();
    return true;
  }
}
