// Drives every interactive figure of a page. wnlib/interactive/book.py writes the HTML that this expects.
"use strict";

(() => {
  const FRAME_MILLISECONDS = 150;
  const PARALLEL_LOADS = 4;
  const COPIED_MILLISECONDS = 3000;
  const plain = (text) => text.replaceAll("−", "-"); // the minus sign of a reader, and that of a number
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

  /** One parameter: a range input, or a group of radio buttons. Every `stride` positions there is one of the grid. */
  class Control {
    constructor(element, texts, drag, stride = 1) {
      this.element = element;
      this.texts = texts;
      this.drag = drag;
      this.stride = stride;
      this.range = element.querySelector("input[type=range]");
      this.output = element.querySelector("output");
      this.play = element.querySelector("button");
      this.count = texts.length;
      // A browser that loads the page again may have kept the choice, but the picture is that of the start.
      for (const input of element.querySelectorAll("input[type=radio]")) input.checked = input.defaultChecked;
      this.start = this.position;
    }

    get position() {
      return Number((this.range ?? this.element.querySelector("input:checked")).value);
    }

    set position(position) {
      if (this.range) this.range.value = position;
      else this.element.querySelectorAll("input")[position].checked = true;
    }

    /** Its name in a link to a state of the figure. */
    get name() {
      const { id, name } = this.element.querySelector("input");
      return (id || name).slice(this.element.closest("figure").id.length + 1);
    }

    /** Where a link leads that has this value: to its text, or to the number next to it; else to the start. */
    find(value) {
      const texts = this.texts.map(plain);
      if (texts.includes(value)) return texts.indexOf(value);
      const far = texts.map((text) => Math.abs(text - value));
      const inside = value && value >= Math.min(...texts) && value <= Math.max(...texts);
      return inside ? far.indexOf(Math.min(...far)) : this.start;
    }

    grid() {
      return Array.from({ length: (this.count - 1) / this.stride + 1 }, (_, k) => k * this.stride);
    }

    label() {
      if (!this.range) return;
      this.output.textContent = this.texts[this.position];
      this.range.setAttribute("aria-valuetext", this.texts[this.position]);
    }
  }

  /** Pictures come from files, or from `ask`: positions to a promise of { src, alt, handle }. */
  class Figure {
    constructor(figure, ask, handles = null) {
      const index = JSON.parse(figure.querySelector("script").textContent);
      const { texts, drag = [], strides = [] } = index;
      handles ??= index.handles;
      this.ask = ask;
      this.alts = index.alts;
      this.handles = handles; // of each frame: where in the picture the point is that can be dragged
      this.image = figure.querySelector("img");
      this.readout = figure.querySelector(".explore-readout");
      this.folder = this.image.getAttribute("src")?.replace(/[^/]*$/, "");
      this.controls = [...figure.querySelectorAll(".explore-control")].map((e, k) => new Control(e, texts[k], drag[k], strides[k]));
      this.frames = new Map(); // frame number -> promise of its decoded image
      this.queue = []; // frame numbers to load before they are asked for
      this.loading = 0;
      this.asked = 0;
      this.shown = 0;
      for (const control of this.controls) this.listen(control);
      this.handle = figure.querySelector(".explore-handle");
      if (handles) {
        this.listenToHandle();
        this.placeHandle(index.handle ?? handles[this.frame()]);
      }
      figure.querySelector(".explore-controls").hidden = false;
      if (ask) return; // the figure of a cell that a reader runs: its link would lead to no other
      this.offerLink(figure);
      this.follow(figure);
      addEventListener("hashchange", () => this.follow(figure));
    }

    /** Take the state from the page's address, #explore-1?g0=1.6&method=WN; what it does not say is as at the start. */
    follow(figure) {
      const [id, query] = location.hash.slice(1).split("?");
      if (id !== figure.id || query === undefined) return;
      const asked = new URLSearchParams(query);
      this.pause();
      for (const control of this.controls) {
        control.position = control.find(plain(asked.get(control.name) ?? ""));
      }
      this.update();
      figure.scrollIntoView();
    }

    /** The address of the page, with the figure in its state. */
    link(figure) {
      const state = this.controls.map((control) => [control.name, plain(control.texts[control.position])]);
      return `${location.href.split("#")[0]}#${figure.id}?${new URLSearchParams(state)}`;
    }

    offerLink(figure) {
      const place = document.createElement("div");
      place.className = "explore-link";
      place.innerHTML = '<button type="button">Copy link</button><span role="status"></span>';
      const [button, status] = place.children;
      button.addEventListener("click", async () => {
        const link = this.link(figure);
        place.querySelector("input")?.remove();
        try {
          await navigator.clipboard.writeText(link);
          status.textContent = "copied";
          setTimeout(() => (status.textContent = ""), COPIED_MILLISECONDS);
        } catch {
          // Without leave to write there, the reader copies it from a line of text.
          const line = Object.assign(document.createElement("input"), { readOnly: true, value: link });
          line.setAttribute("aria-label", "Link to the figure as it stands");
          place.append(line);
          line.select();
        }
      });
      figure.querySelector(".explore-controls").after(place);
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
        if (frame === this.frame() && dragged.every((c) => c.position % c.stride === 0)) return;
        for (const control of dragged) control.position = positions[this.controls.indexOf(control)];
        this.update();
        this.prefetch(reach);
      });
      this.handle.addEventListener("lostpointercapture", () => (this.queue = []));
    }

    placeHandle([x, y]) {
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

    /** Positions of all controls, and the frame for them, for each choice of some on the grid, the rest staying. */
    reach(controls) {
      const choices = this.controls.map((c) => (controls.includes(c) ? c.grid() : [c.position]));
      const all = choices.reduce((starts, choice) => starts.flatMap((start) => choice.map((k) => [...start, k])), [[]]);
      return all.map((positions) => ({ positions, frame: this.frame(positions) }));
    }

    positions() {
      return this.controls.map((control) => control.position);
    }

    /** Number of the frame of the grid for positions of the controls, or next to them. */
    frame(positions = this.positions()) {
      const size = (control) => (control.count - 1) / control.stride + 1;
      return this.controls.reduce((sum, c, k) => sum * size(c) + Math.round(positions[k] / c.stride), 0);
    }

    load(frame) {
      if (!this.frames.has(frame)) {
        const image = new Image();
        image.src = `${this.folder}${frame}.webp`;
        // With the image itself, which the browser else forgets, and fetches again.
        const shown = { image, src: image.src, alt: this.alts[frame], handle: this.handles?.[frame] };
        const decoded = image.decode().then(() => shown);
        decoded.catch(() => this.frames.delete(frame)); // so that a later move tries again
        this.frames.set(frame, decoded);
      }
      return this.frames.get(frame);
    }

    /** Show the picture of the controls' positions; a late one never replaces a newer. */
    update() {
      for (const control of this.controls) control.label();
      const asked = ++this.asked;
      return (this.ask ? this.ask(this.positions()) : this.load(this.frame())).then(
        ({ src, alt, handle }) => {
          if (asked < this.shown) return this.drop(src);
          this.shown = asked;
          this.drop(this.image.src);
          this.image.src = src;
          if (this.handles) this.placeHandle(handle);
          this.image.alt = this.readout.textContent = alt;
        },
        ({ said = "This picture did not load. Move the control to try again." }) => {
          if (asked === this.asked) this.readout.textContent = said;
        },
      );
    }

    /** Let go of a picture that came in memory. */
    drop(src) {
      if (this.ask) URL.revokeObjectURL(src);
    }

    /** What moving one control can reach, nearest first. */
    along(control) {
      const k = this.controls.indexOf(control);
      const far = ({ positions }) => Math.abs(positions[k] - control.position);
      return this.reach([control]).sort((a, b) => far(a) - far(b));
    }

    /** Load what a move can reach before it is asked for. */
    prefetch(reach) {
      if (this.ask) return;
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
      const next = control.position + control.stride;
      if (next >= control.count && !wrap) return null;
      control.position = next < control.count ? next : 0;
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
  window.ExploreFigure = Figure; // for figures that a running page makes
})();
