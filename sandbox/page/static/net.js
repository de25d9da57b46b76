/** Talking to the page's own server: one socket that brings snapshots, and JSON posts for what a person does. */

/** Post an action as JSON. Never throws: a failure comes back as `{ok: false, error}`. */
export async function post(action, body) {
  try {
    const answer = await fetch(`/sandbox/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { ok: false, error: "The sandbox does not answer. Is it still running?" };
  }
}

/** Upload a file of `person`; `{ok, file, name}`, or `{ok: false, error}`. */
export async function upload(person, file) {
  try {
    const answer = await fetch(`/sandbox/file/${encodeURIComponent(file.name || "file")}?as=${encodeURIComponent(person)}`, { method: "PUT", body: file });
    return answer.status === 413 ? { ok: false, error: "This file is too large." } : await answer.json();
  } catch {
    return { ok: false, error: "The file could not be uploaded." };
  }
}

/** Keeps a live connection for one person; reconnects by itself, faster at first. */
export class Live {
  constructor(onState, onStatus) {
    this.onState = onState;
    this.onStatus = onStatus;
    this.wait = 300;
    this.person = null;
  }

  /** Look at the workspace as `person` (null: whoever is first). */
  as(person) {
    this.person = person;
    this.wait = 300;
    clearTimeout(this.timer);
    this.socket?.close();
    this.open();
  }

  open() {
    const query = this.person ? `?as=${encodeURIComponent(this.person)}` : "";
    const socket = new WebSocket(`ws://${location.host}/sandbox/live${query}`);
    this.socket = socket;
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.wait = 300;
      this.onStatus(true);
      this.onState(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (socket !== this.socket) return;
      this.onStatus(false);
      this.timer = setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(5000, this.wait * 1.7);
    };
  }
}
