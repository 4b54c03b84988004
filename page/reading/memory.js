// What the reader chose, remembered where the browser allows it.

/** What was remembered under a name, or null. */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // forbidden, as in some private windows
  }
}

/** Remember a text under a name; nothing happens where that is forbidden. */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // the page works as well without
  }
}
