/** Keeps the page still under a finger: what is replaced between a press and its release gets no click. */

/** Milliseconds after which the page moves on even so: a release outside of the window may never be told. */
const LONGEST = 1000;

/** Does `work` with the newest of what comes, but only between presses. */
export class Press {
  constructor(work) {
    this.work = work;
    this.newest = null;
    this.timer = null;
    addEventListener("pointerdown", () => this.begin(), true);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => this.timer && this.endIn(0), true);
  }

  begin() {
    this.endIn(LONGEST);
  }

  /** Later than the click, which comes right after the release. */
  endIn(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.over(), milliseconds);
  }

  over() {
    const held = this.newest;
    this.timer = this.newest = null;
    if (held) this.work(held);
  }

  take(what) {
    if (this.timer) this.newest = what;
    else this.work(what);
  }
}
