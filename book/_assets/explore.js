// Drives every interactive figure of a page. wnlib/_frames.py writes the HTML that this expects.
"use strict";

(() => {
  const FRAME_MILLISECONDS = 150;
  const PARALLEL_LOADS = 4;
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

  /** One parameter: a range input, or a group of radio buttons. */
  class Control {
    constructor(element, texts) {
      this.element = element;
      this.texts = texts;
      this.range = element.querySelector("input[type=range]");
      this.output = element.querySelector("output");
      this.play = element.querySelector("button");
      this.count = texts.length;
    }

    get position() {
      return Number((this.range ?? this.element.querySelector("input:checked")).value);
    }

    set position(position) {
      this.range.value = position;
    }

    label() {
      if (!this.range) return;
      this.output.textContent = this.texts[this.position];
      this.range.setAttribute("aria-valuetext", this.texts[this.position]);
    }
  }

  class Figure {
    constructor(figure) {
      const { texts, alts } = JSON.parse(figure.querySelector("script").textContent);
      this.alts = alts;
      this.image = figure.querySelector("img");
      this.readout = figure.querySelector(".explore-readout");
      this.folder = this.image.getAttribute("src").replace(/[^/]*$/, "");
      this.controls = [...figure.querySelectorAll(".explore-control")].map((e, k) => new Control(e, texts[k]));
      this.frames = new Map(); // frame number -> promise of its decoded image
      this.queue = []; // frame numbers to load before they are asked for
      this.loading = 0;
      this.asked = 0;
      this.shown = 0;
      for (const control of this.controls) this.listen(control);
      figure.querySelector(".explore-controls").hidden = false;
    }

    listen(control) {
      const { element, play } = control;
      element.addEventListener("input", () => {
        this.pause();
        this.update();
        this.prefetch(control);
      });
      element.addEventListener("focusin", () => this.prefetch(control));
      element.addEventListener("pointerdown", () => this.prefetch(control));
      if (!play) return;
      this.labelPlay(play);
      reducedMotion.addEventListener("change", () => {
        this.pause();
        this.labelPlay(play);
      });
      play.addEventListener("click", () => {
        if (this.timer) return this.pause();
        this.prefetch(control);
        if (reducedMotion.matches) return this.step(control, true);
        this.play(control);
      });
    }

    /** Number of the frame where one control stands at another position, the rest staying. */
    frame(moved, position) {
      return this.controls.reduce((sum, c) => sum * c.count + (c === moved ? position : c.position), 0);
    }

    load(frame) {
      if (!this.frames.has(frame)) {
        const image = new Image();
        image.src = `${this.folder}${frame}.webp`;
        const decoded = image.decode().then(() => image);
        decoded.catch(() => this.frames.delete(frame)); // so that a later move tries again
        this.frames.set(frame, decoded);
      }
      return this.frames.get(frame);
    }

    /** Show the frame of the controls' positions; a late one never replaces a newer. */
    update() {
      for (const control of this.controls) control.label();
      const frame = this.frame();
      const asked = ++this.asked;
      return this.load(frame).then(
        (image) => {
          if (asked < this.shown) return;
          this.shown = asked;
          this.image.src = image.src;
          this.image.alt = this.readout.textContent = this.alts[frame];
        },
        () => {
          if (asked === this.asked) this.readout.textContent = "This picture did not load. Move the control to try again.";
        },
      );
    }

    /** Load what the moved control can reach, nearest first. */
    prefetch(control) {
      const here = control.position;
      const reach = Array.from({ length: control.count }, (_, k) => k).sort((a, b) => Math.abs(a - here) - Math.abs(b - here));
      this.queue = reach.map((k) => this.frame(control, k)).filter((frame) => !this.frames.has(frame));
      while (this.loading < PARALLEL_LOADS && this.queue.length) this.loadNext();
    }

    loadNext() {
      const frame = this.queue.shift();
      if (frame === undefined) return;
      this.loading++;
      this.load(frame)
        .catch(() => {})
        .then(() => {
          this.loading--;
          this.loadNext();
        });
    }

    labelPlay(button) {
      const verb = this.timer ? "Pause" : reducedMotion.matches ? "Step" : "Play";
      button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/^\S+/, verb));
      button.textContent = button.dataset.state = verb;
    }

    step(control, wrap) {
      const next = control.position + 1;
      if (next >= control.count && !wrap) return null;
      control.position = next % control.count;
      return this.update();
    }

    play(control) {
      this.playing = control;
      this.readout.setAttribute("aria-live", "off"); // a moving text must not be read out at every step
      const advance = (wrap) => {
        const shown = this.step(control, wrap);
        if (!shown) return this.pause();
        const timer = (this.timer = setTimeout(() => {
          // The next step waits for the picture of this one.
          shown.then(() => this.timer === timer && advance(false));
        }, FRAME_MILLISECONDS));
      };
      advance(true);
      this.labelPlay(control.play);
    }

    pause() {
      if (!this.timer) return;
      clearTimeout(this.timer);
      this.timer = null;
      this.readout.setAttribute("aria-live", "polite");
      this.labelPlay(this.playing.play);
    }
  }

  for (const figure of document.querySelectorAll("figure.explore")) new Figure(figure);
})();
