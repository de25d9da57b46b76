/** What the page knows: the last snapshot, and questions that the drawing code asks of it. */

/** Wraps one snapshot of the server for one viewer. */
export class Store {
  constructor() {
    this.data = null;
    this.skew = 0;
  }

  /** Take a new snapshot. */
  take(data) {
    this.data = data;
    this.skew = Date.now() / 1000 - data.now;
    this.users = new Map(data.slack.users.map((user) => [user.id, user]));
    this.channels = new Map(data.slack.channels.map((channel) => [channel.id, channel]));
    this.threads = new Map();
    for (const [channel, messages] of Object.entries(data.slack.messages)) {
      for (const message of messages) {
        if (!isReply(message)) continue;
        const key = `${channel} ${message.thread_ts}`;
        this.threads.set(key, [...(this.threads.get(key) ?? []), message]);
      }
    }
  }

  get me() { return this.data.slack.me; }
  /** The server's time in seconds. */
  get now() { return Date.now() / 1000 - this.skew; }
  user(id) { return this.users.get(id); }
  person(id) { const user = this.users.get(id); return user ? user.name : id; }
  channel(id) { return this.channels.get(id)?.name ?? id; }
  people() { return this.data.slack.users.filter((user) => !user.is_bot); }
  bot() { return this.users.get(this.data.bot_user); }
  /** Whether something that plays the bot is listening. */
  get listening() { return this.data.provider.sockets > 0 || this.data.http; }
  messages(channel) { return this.data.slack.messages[channel] ?? []; }
  /** What the channel itself shows: everything but thread replies. */
  roots(channel) { return this.messages(channel).filter((message) => !isReply(message) || message.subtype === "thread_broadcast"); }
  replies(channel, thread) { return this.threads.get(`${channel} ${thread}`) ?? []; }
  /** What an agent does in a thread, if it works there. */
  session(channel, thread) { return this.data.slack.sessions.find((each) => each.channel === channel && each.thread_ts === thread); }
  file(id) { return this.data.slack.files[id]; }
  pictureUrl(id) { return `/sandbox/picture/${encodeURIComponent(id)}`; }

  /** Where a block's picture may be loaded from: a file of the local Slack, or nowhere. */
  sourceOf(url) {
    const file = Object.values(this.data.slack.files).find((known) => url && (known.url === url || url.includes(`/${known.id}/`)));
    return file ? this.pictureUrl(file.id) : null;
  }

  /** A conversation's name for a header, as Slack writes it. */
  title(channel) {
    if (channel.kind !== "im") return channel.name;
    const other = this.user(channel.with === this.me ? this.data.bot_user : channel.with);
    return (other ?? this.bot())?.real_name || (other ?? this.bot())?.name || channel.name;
  }
}

function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}
