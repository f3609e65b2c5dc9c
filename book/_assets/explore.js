// Drives every interactive figure of a page. wnlib/interactive/book.py writes the HTML that this expects.
"use strict";

(() => {
  const FRAME_MILLISECONDS = 150;
  const PARALLEL_LOADS = 4;
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

  /** One parameter: a range input, or a group of radio buttons. */
  class Control {
    constructor(element, texts, drag) {
      this.element = element;
      this.texts = texts;
      this.drag = drag;
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
      const { texts, alts, drag = [], handles } = JSON.parse(figure.querySelector("script").textContent);
      this.alts = alts;
      this.handles = handles; // of each frame: where in the picture the point is that can be dragged
      this.image = figure.querySelector("img");
      this.readout = figure.querySelector(".explore-readout");
      this.folder = this.image.getAttribute("src").replace(/[^/]*$/, "");
      this.controls = [...figure.querySelectorAll(".explore-control")].map((e, k) => new Control(e, texts[k], drag[k]));
      this.frames = new Map(); // frame number -> promise of its decoded image
      this.queue = []; // frame numbers to load before they are asked for
      this.loading = 0;
      this.asked = 0;
      this.shown = 0;
      for (const control of this.controls) this.listen(control);
      this.handle = figure.querySelector(".explore-handle");
      if (this.handle) this.listenToHandle();
      figure.querySelector(".explore-controls").hidden = false;
    }

    listen(control) {
      const { element, play } = control;
      const prefetch = () => this.prefetch(this.along(control));
      element.addEventListener("input", () => {
        this.pause();
        this.update();
        prefetch();
      });
      element.addEventListener("focusin", prefetch);
      element.addEventListener("pointerdown", prefetch);
      if (!play) return;
      this.labelPlay(play);
      reducedMotion.addEventListener("change", () => {
        this.pause();
        this.labelPlay(play);
      });
      play.addEventListener("click", () => {
        if (this.timer) return this.pause();
        prefetch();
        if (reducedMotion.matches) return this.step(control, true);
        this.play(control);
      });
    }

    listenToHandle() {
      this.placeHandle(this.frame());
      const dragged = this.controls.filter((control) => control.drag);
      this.handle.addEventListener("pointerdown", (event) => {
        event.preventDefault(); // a drag must not select text
        this.pause();
        this.handle.setPointerCapture(event.pointerId);
        this.prefetch(this.nearest(dragged, event));
      });
      this.handle.addEventListener("pointermove", (event) => {
        if (!this.handle.hasPointerCapture(event.pointerId)) return;
        const reach = this.nearest(dragged, event);
        const [{ positions, frame }] = reach;
        if (frame === this.frame()) return;
        for (const control of dragged) control.position = positions[this.controls.indexOf(control)];
        this.update();
        this.prefetch(reach);
      });
      this.handle.addEventListener("lostpointercapture", () => (this.queue = []));
    }

    placeHandle(frame) {
      const [x, y] = this.handles[frame];
      this.handle.style.left = `${100 * x}%`;
      this.handle.style.top = `${100 * y}%`;
      this.handle.hidden = false;
    }

    /** What moving these controls can reach, where the handle is near the pointer first. */
    nearest(controls, event) {
      const box = this.image.getBoundingClientRect();
      const far = ({ frame }) => {
        const [x, y] = this.handles[frame];
        return Math.hypot(box.left + x * box.width - event.clientX, box.top + y * box.height - event.clientY);
      };
      return this.reach(controls).sort((a, b) => far(a) - far(b));
    }

    /** Positions of all controls, and the frame for them, for each choice of positions of some, the rest staying. */
    reach(controls) {
      const choices = this.controls.map((c) => (controls.includes(c) ? [...Array(c.count).keys()] : [c.position]));
      const all = choices.reduce((starts, choice) => starts.flatMap((start) => choice.map((k) => [...start, k])), [[]]);
      return all.map((positions) => ({ positions, frame: this.frame(positions) }));
    }

    /** Number of the frame for positions of the controls. */
    frame(positions = this.controls.map((control) => control.position)) {
      return this.controls.reduce((sum, control, k) => sum * control.count + positions[k], 0);
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
          if (this.handle) this.placeHandle(frame);
          this.image.alt = this.readout.textContent = this.alts[frame];
        },
        () => {
          if (asked === this.asked) this.readout.textContent = "This picture did not load. Move the control to try again.";
        },
      );
    }

    /** What moving one control can reach, nearest first. */
    along(control) {
      const k = this.controls.indexOf(control);
      const far = ({ positions }) => Math.abs(positions[k] - control.position);
      return this.reach([control]).sort((a, b) => far(a) - far(b));
    }

    /** Load what a move can reach before it is asked for. */
    prefetch(reach) {
      this.queue = reach.map(({ frame }) => frame).filter((frame) => !this.frames.has(frame));
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
