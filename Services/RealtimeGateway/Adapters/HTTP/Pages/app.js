// Puts the page together: who is looking, at which media, in which room.

import { Chat } from './chat.js'
import { $, hide, remaining, toast } from './page.js'
import { Socket } from './phoenix.js'
import { Player } from './player.js'

const KEY = 'martlet.token'
// What may stand in an address as it is; ids are UUIDs, rooms are short names.
const MEDIA_ID = /^[A-Za-z0-9._-]{1,128}$/
const TRIES_BEFORE_DOUBT = 3

const parameters = new URLSearchParams(location.search)
const settings = {
  token: parameters.get('token') ?? sessionStorage.getItem(KEY) ?? '',
  room: parameters.get('room') || 'demo',
  media: parameters.get('media') ?? '',
}
let player

// What a token says about its bearer; null if it is none. Only the gateway can tell whether it is true.
function bearer(token) {
  try {
    const base64 = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const { sub, name, exp } = JSON.parse(new TextDecoder().decode(bytes))
    return typeof sub === 'string' && sub ? { id: sub, name, expires: exp * 1000 } : null
  } catch {
    return null
  }
}

function problemWith(token) {
  const who = bearer(token)
  if (!who) return 'This is no token: it should be three parts with dots between them.'
  return who.expires <= Date.now() ? 'This token has expired. Make a new one.' : null
}

function start() {
  // Out of the address bar, where it would be copied along with the link.
  sessionStorage.setItem(KEY, settings.token)
  const shown = new URLSearchParams({ ...(settings.media && { media: settings.media }), room: settings.room })
  history.replaceState(null, '', `?${shown}`)

  const me = bearer(settings.token)
  const url = new URL('/socket/websocket', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  url.search = new URLSearchParams({ token: settings.token, vsn: '2.0.0' })
  const socket = new Socket(url.href, showConnection)
  addEventListener('online', () => socket.hurry())
  document.addEventListener('visibilitychange', () => { if (!document.hidden) socket.hurry() })

  new Chat(socket, settings.room, me)
  watch(socket, settings.media)
  socket.channel(`user:${me.id}`, {}, { events: {
    'notification': ({ title, body }) => toast(title || 'Notification', body),
    'media.progress': (event) => mine(socket, event, 'progress'),
    'media.ready': (event) => mine(socket, event, 'ready'),
    'media.failed': (event) => mine(socket, event, 'failed'),
  } })
  socket.connect()
}

// Follows one media on its own topic.
function watch(socket, id) {
  if (!id) return
  player.open(id)
  const only = (tell) => (event) => { if (event.media_id === player.id) tell(event) }
  socket.channel(`media:${id}`, {}, {
    joined: () => { if (player.id === id) player.look() },
    events: {
      'media.progress': only((event) => player.progress(event)),
      'media.ready': only((event) => player.ready(event)),
      'media.failed': only((event) => player.failed(event)),
    },
  })
}

// What is told of the viewer's own uploads: shown if nothing else is, and offered when it is done.
function mine(socket, event, kind) {
  const id = event.media_id
  if (id === player.id || !MEDIA_ID.test(id)) return
  if (!player.id) {
    watch(socket, id)
    player[kind](event)
  } else if (kind === 'ready') {
    toast('Your video is ready', '', { label: 'Watch it', run: () => { watch(socket, id); player.ready(event) } })
  } else if (kind === 'failed') {
    toast('Your video failed', event.message)
  }
}

function showConnection(state, { tries, delay }) {
  const expired = bearer(settings.token).expires <= Date.now()
  const words = {
    connecting: tries ? 'Connecting again' : 'Connecting',
    open: 'Live',
    waiting: expired ? 'Token expired' : `Offline, again in ${remaining(delay / 1000)}`,
  }
  $('status').dataset.state = state
  $('status-text').textContent = words[state]
  if (state === 'waiting' && tries === TRIES_BEFORE_DOUBT) {
    toast('The gateway cannot be reached', expired ? 'Your token has expired.' : 'It is down, or it refuses your token.',
      { label: 'Use another token', run: () => openSettings() })
  }
}

function openSettings(problem) {
  for (const name of ['token', 'room', 'media']) $(name).value = settings[name]
  $('settings-title').textContent = settings.token && !problem ? 'Settings' : 'Come in'
  hide($('cancel'), !settings.token || Boolean(problem))
  complain(problem)
  $('settings').showModal()
}

function complain(problem) {
  $('token-problem').textContent = problem ?? ''
  hide($('token-problem'), !problem)
  $('token').setAttribute('aria-invalid', Boolean(problem))
}

$('settings-form').onsubmit = (event) => {
  event.preventDefault()
  const token = $('token').value.trim()
  const media = $('media').value.trim()
  const problem = problemWith(token) ?? (media && !MEDIA_ID.test(media) ? 'The video id has characters that no id has.' : null)
  if (problem) return complain(problem)
  sessionStorage.setItem(KEY, token)
  location.search = new URLSearchParams({ ...(media && { media }), room: $('room').value.trim() || 'demo' })
}
$('settings').oncancel = (event) => { if ($('cancel').hidden) event.preventDefault() }
$('cancel').onclick = () => $('settings').close()
$('open-settings').onclick = () => openSettings()
for (const button of document.querySelectorAll('[data-opens-settings]')) button.onclick = () => openSettings()

if (!MEDIA_ID.test(settings.media)) settings.media = ''
player = new Player(document.querySelector('meta[name=martlet-media-url]').content)
$('room-title').textContent = `# ${settings.room}`
const problem = settings.token ? problemWith(settings.token) : null
if (!settings.token || problem) openSettings(problem)
else start()
