// Small things that every part of the page uses. Text from others only ever becomes text, never markup.

export const $ = (id) => document.getElementById(id)

export const hide = (node, hidden) => { node.hidden = hidden }

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node[key] = value
    else node.setAttribute(key, value)
  }
  node.append(...children)
  return node
}

// Somebody's initials in a colour of their own.
export function face(id, name) {
  const words = [...name.matchAll(/[\p{L}\p{N}]+/gu)].map(([word]) => word)
  const initials = words.length > 1 ? words[0][0] + words.at(-1)[0] : [...(words[0] ?? '?')].slice(0, 2).join('')
  const node = element('span', { class: 'face', 'aria-hidden': 'true' }, initials.toUpperCase())
  let hash = 0
  for (const character of id) hash = (hash * 31 + character.codePointAt(0)) >>> 0
  node.style.setProperty('--hue', hash % 360)
  return node
}

// 1:02:03, or 2:03.
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const tail = String(rest).padStart(2, '0')
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}

// "12 s", "about 3 min": how long something still takes.
export function remaining(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  return seconds < 5400 ? `about ${Math.round(seconds / 60)} min` : `about ${Math.round(seconds / 3600)} h`
}

const TOAST_MS = 9000
const MOST_TOASTS = 4

export function toast(title, body, action) {
  const node = element('div', { class: 'toast' }, element('strong', {}, title))
  if (body) node.append(element('p', {}, body))
  const close = () => { clearTimeout(timer); node.remove() }
  if (action) node.append(element('button', { type: 'button', class: 'link', onclick: () => { close(); action.run() } }, action.label))
  node.append(element('button', { type: 'button', class: 'close', 'aria-label': 'Dismiss', onclick: close }, '\u00d7'))
  let timer = setTimeout(close, TOAST_MS)
  // Whoever is reading it gets the time to.
  node.onpointerenter = node.onfocusin = () => clearTimeout(timer)
  node.onpointerleave = node.onfocusout = () => { clearTimeout(timer); timer = setTimeout(close, TOAST_MS / 2) }
  $('toasts').append(node)
  while ($('toasts').children.length > MOST_TOASTS) $('toasts').firstChild.remove()
}
