// A room: what is said in it, who is in it, and the form to say something.

import { Presence } from './phoenix.js'
import { $, element, face, hide } from './page.js'

const LONGEST_LOG = 300
const SAME_BREATH_MS = 3 * 60_000
const REFUSALS = { rate_limited: 'You are writing too fast; wait a moment.', forbidden: 'You may not write in this room.' }

export class Chat {
  #socket; #me; #channel; #names = new Map(); #last = null; #seen = new Set(); #hasLost = false
  // Whether the reader is at the end and wants to stay there.
  #follows = true

  constructor(socket, room, me) {
    this.#socket = socket
    this.#me = me
    if (me.name) this.#names.set(me.id, me.name)
    $('room-title').textContent = `# ${room}`
    $('composer').onsubmit = (event) => { event.preventDefault(); this.#send() }
    $('message').onkeydown = (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.#send() }
    }
    $('message').oninput = grow
    $('jump').onclick = () => this.#scrollDown()
    $('scroll').onscroll = () => {
      this.#follows = this.#isAtEnd
      if (this.#follows) hide($('jump'), true)
    }
    new ResizeObserver(() => { if (this.#follows) this.#scrollDown() }).observe($('scroll'))
    this.#joinRoom(room)
    this.#joinPresence(room)
  }

  #joinRoom(room) {
    this.#channel = this.#socket.channel(`chat:room:${room}`, {}, {
      joined: () => {
        this.#setWritable(true)
        if (this.#hasLost) this.#note('Connected again. What was said meanwhile is not shown.')
        this.#hasLost = false
      },
      refused: ({ reason, message }) => this.#note(`You cannot join this room: ${message ?? reason}.`),
      lost: () => { this.#hasLost = true; this.#setWritable(false) },
      events: { new_message: (message) => this.#show(message) },
    })
  }

  #joinPresence(room) {
    const presence = new Presence((people) => this.#showPeople(people))
    const payload = { user_id: this.#me.id, status: 'online', ...(this.#me.name && { name: this.#me.name }) }
    this.#socket.channel(`presence:room:${room}`, payload, {
      lost: () => presence.reset(),
      events: { presence_state: (state) => presence.state(state), presence_diff: (diff) => presence.diff(diff) },
    })
  }

  #setWritable(writable) {
    $('message').disabled = $('send').disabled = !writable
    $('message').placeholder = writable ? 'Write a message' : 'Connecting ...'
  }

  async #send() {
    const field = $('message')
    const content = field.value.trim()
    if (!content || field.disabled || $('send').disabled) return
    $('send').disabled = true
    this.#complain(null)
    try {
      const { status, response } = await this.#channel.push('new_message', { content })
      if (status !== 'ok') throw new Error(REFUSALS[response.reason] ?? response.message ?? response.reason)
      field.value = ''
      grow()
    } catch (error) {
      this.#complain(`Not sent: ${error.message}`)
    } finally {
      $('send').disabled = field.disabled
      field.focus()
    }
  }

  #complain(text) {
    $('problem').textContent = text ?? ''
    hide($('problem'), !text)
  }

  #show({ id, user_id: user, content, timestamp, username }) {
    if (this.#seen.has(id)) return
    this.#seen.add(id)
    if (this.#seen.size > 2 * LONGEST_LOG) this.#seen.delete(this.#seen.values().next().value)
    const time = new Date(timestamp ?? Date.now())
    const follows = this.#last?.user === user && time - this.#last.time < SAME_BREATH_MS
    this.#last = { user, time }
    const isMine = user === this.#me.id
    const item = element('li', { class: `said${isMine ? ' mine' : ''}${follows ? ' follows' : ''}` })
    if (!follows) {
      const clock = element('time', { datetime: time.toISOString() }, time.toLocaleTimeString([], { timeStyle: 'short' }))
      if (username) this.#names.set(user, username)
      item.dataset.user = user
      item.append(face(user, user), element('div', { class: 'who' }, element('span', { class: 'name' }), clock))
      this.#name(item)
    }
    item.append(element('p', { class: 'words' }, content))
    this.#append(item, isMine)
  }

  // Names come with the people in the room, which may be later than what they said.
  #name(item) {
    const { user } = item.dataset
    const name = this.#names.get(user) ?? user
    item.querySelector('.face').replaceWith(face(user, name))
    item.querySelector('.name').textContent = user === this.#me.id ? 'You' : name
  }

  #note(text) {
    this.#last = null
    this.#append(element('li', { class: 'note' }, text), false)
  }

  #append(item, isMine) {
    const follow = isMine || this.#follows
    $('log').append(item)
    while ($('log').children.length > LONGEST_LOG) $('log').firstChild.remove()
    hide($('nothing'), true)
    if (follow) this.#scrollDown()
    else hide($('jump'), false)
  }

  get #isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = $('scroll')
    return scrollHeight - scrollTop - clientHeight < 60
  }

  #scrollDown() {
    this.#follows = true
    $('scroll').scrollTop = $('scroll').scrollHeight
    hide($('jump'), true)
  }

  #showPeople(people) {
    for (const { id, name, username } of people) {
      const known = name ?? username
      if (!known || known === this.#names.get(id)) continue
      this.#names.set(id, known)
      for (const item of $('log').children) if (item.dataset.user === id) this.#name(item)
    }
    const label = (id) => (id === this.#me.id ? `${this.#names.get(id) ?? id} (you)` : this.#names.get(id) ?? id)
    $('people-count').textContent = people.length === 0 ? 'Nobody here' : people.length === 1 ? '1 here' : `${people.length} here`
    $('faces').replaceChildren(...people.slice(0, 4).map(({ id }) => face(id, this.#names.get(id) ?? id)))
    $('people-list').replaceChildren(...people.slice(0, 200).map(({ id, status }) => element('li', {},
      face(id, this.#names.get(id) ?? id), element('span', {}, label(id)),
      status && status !== 'online' ? element('span', { class: 'hint' }, status) : '')))
  }
}

function grow() {
  const field = $('message')
  field.style.height = 'auto'
  field.style.height = `${Math.min(field.scrollHeight, 140)}px`
}
