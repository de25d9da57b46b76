/** The emoji names a picture bot is likely to use, and the small picker's choice. */

export const PICKER = ["repeat", "game_die", "arrows_counterclockwise", "x", "star", "+1", "heart", "tada", "eyes", "fox_face"];

const EMOJI = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", arrow_down: "⬇️", arrow_forward: "▶️", arrow_right: "➡️", arrow_up: "⬆️",
  arrows_clockwise: "🔃", arrows_counterclockwise: "🔄", art: "🎨", bamboo: "🎍", bell: "🔔", black_square_for_stop: "⏹️",
  boom: "💥", broken_heart: "💔", bulb: "💡", calendar: "📅", camera: "📷", camera_with_flash: "📸", cat: "🐱", clap: "👏",
  clipboard: "📋", clock3: "🕒", closed_lock_with_key: "🔐", cloud: "☁️", construction: "🚧", credit_card: "💳", dart: "🎯",
  dog: "🐶", envelope: "✉️", exclamation: "❗", eyes: "👀", film_frames: "🎞️", fire: "🔥", fox_face: "🦊",
  frame_with_picture: "🖼️", framed_picture: "🖼️", game_die: "🎲", gear: "⚙️", ghost: "👻", globe_with_meridians: "🌐",
  grey_question: "❔", heart: "❤️", heavy_check_mark: "✔️", heavy_plus_sign: "➕", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", inbox_tray: "📥", information_source: "ℹ️", key: "🔑", label: "🏷️",
  large_blue_circle: "🔵", large_green_circle: "🟢", large_yellow_circle: "🟡", link: "🔗", lock: "🔒",
  lower_left_paintbrush: "🖌️", magic_wand: "🪄", mag: "🔍", memo: "📝", moneybag: "💰", mountain: "⛰️", moon: "🌔",
  new: "🆕", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", ok: "🆗", ok_hand: "👌", outbox_tray: "📤",
  package: "📦", paintbrush: "🖌️", paperclip: "📎", pencil: "📝", pencil2: "✏️", point_right: "👉", pray: "🙏",
  pushpin: "📌", question: "❓", rainbow: "🌈", rain_cloud: "🌧️", raised_hands: "🙌", recycle: "♻️", red_circle: "🔴",
  repeat: "🔁", repeat_one: "🔂", robot_face: "🤖", rocket: "🚀", rotating_light: "🚨", satellite: "📡", scroll: "📜",
  see_no_evil: "🙈", seedling: "🌱", shield: "🛡️", skull: "💀", slightly_smiling_face: "🙂", smile: "😄", snail: "🐌",
  sparkles: "✨", speech_balloon: "💬", star: "⭐", star2: "🌟", stop_sign: "🛑", stopwatch: "⏱️", sunny: "☀️",
  tada: "🎉", ticket: "🎫", timer_clock: "⏲️", traffic_light: "🚥", twisted_rightwards_arrows: "🔀", umbrella: "☔",
  warning: "⚠️", wastebasket: "🗑️", wave: "👋", white_check_mark: "✅", white_large_square: "⬜", wrench: "🔧", x: "❌", zap: "⚡",
  zzz: "💤",
};

/** The character for an emoji name (without colons, skin tone ignored), or `:name:` if it is not known here. */
export function emoji(name) {
  return EMOJI[name.split("::")[0]] ?? `:${name}:`;
}

/** Whether the name has a character. */
export function knownEmoji(name) {
  return name.split("::")[0] in EMOJI;
}

/** Every name that has a character here. */
export function knownNames() {
  return Object.keys(EMOJI);
}
