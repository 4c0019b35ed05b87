/** Run in the page by the tests: reads what the player has drawn, pane by pane. */
globalThis.probe = {
  player: () => document.querySelector("mw-player"),

  /** Wait until the frame is on screen. */
  async at(frame) {
    const player = this.player();
    await player.ready;
    if (player.frame !== frame) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`frame ${frame} did not come; ${player.frame} is there`)), 20_000);
        const seen = (event) => {
          if (event.detail.frame !== frame) return;
          clearTimeout(timer);
          player.removeEventListener("mw-frame", seen);
          resolve();
        };
        player.addEventListener("mw-frame", seen);
      });
    }
  },

  /** Show the picture at 100 %, its middle in the middle of each pane. */
  async natural() {
    this.player().model.setZoom({ fit: false, scale: 1, x: 0.5, y: 0.5 });
    await new Promise(requestAnimationFrame);
  },

  async seek(frame) {
    const waiting = this.at(frame);
    this.player().frame = frame;
    await waiting;
  },

  /** The pictures on the canvas at 100 %, RGBA, one per pane. */
  panes() {
    const player = this.player();
    const { width, height } = player.model.layers;
    const stage = player.canvas.getBoundingClientRect();
    const reader = (this.reader ??= new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true }));
    player.redraw();
    return [...player.querySelectorAll(".pic")].map((pic) => {
      const box = pic.getBoundingClientRect();
      const [left, top] = [(box.left - stage.left) * devicePixelRatio, (box.top - stage.top) * devicePixelRatio].map(Math.round);
      const right = Math.round((box.right - stage.left) * devicePixelRatio);
      const bottom = Math.round((box.bottom - stage.top) * devicePixelRatio);
      const x = left + Math.round((right - left) / 2 - width / 2);
      const y = top + Math.round((bottom - top) / 2 - height / 2);
      reader.clearRect(0, 0, width, height);
      reader.drawImage(player.canvas, -x, -y);
      return reader.getImageData(0, 0, width, height).data;
    });
  },

  /** The number that the cells of a colour frame spell. */
  numberIn(data, { width, cell, bits }) {
    let number = 0;
    for (let bit = 0; bit < bits; bit++) {
      const at = 4 * ((cell >> 1) * width + bit * cell + (cell >> 1));
      if (data[at] > 127) number |= 1 << bit;
    }
    return number;
  },

  /** How many pixels of a drawn mask differ in any channel from what was stored. */
  wrongIn(data, { width, height }, frame) {
    let wrong = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = 4 * (y * width + x);
        const value = (x * 3 + y * 7 + frame * 11) % 256;
        if (data[at] !== value || data[at + 1] !== value || data[at + 2] !== value || data[at + 3] !== 255) wrong++;
      }
    }
    return wrong;
  },

  /** The frame that each pane shows, read from its pixels. */
  shown(clip) {
    const [full, removed, mask] = this.panes();
    const inverse = 163; // of 11, modulo 256
    return [this.numberIn(full, clip), this.numberIn(removed, clip), (mask[0] * inverse) % 256];
  },
};
