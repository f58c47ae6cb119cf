// A client for Phoenix Channels, serializer 2.0.0: frames are [join_ref, ref, topic, event, payload].

const HEARTBEAT_MS = 30_000
const PUSH_TIMEOUT_MS = 10_000
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000

// Doubles from try to try; between half and all of it at random, so that many clients do not come back at once.
const backoff = (tries) => Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries) * (0.5 + Math.random() / 2)

export class Socket {
  #url; #socket = null; #ref = 0; #tries = 0; #channels = new Map(); #pushes = new Map(); #timers = {}; #closed = false

  // onState gets "connecting", "open" and "waiting" with {tries, delay}.
  constructor(url, onState) {
    this.#url = url
    this.onState = onState
  }

  connect() {
    clearTimeout(this.#timers.retry)
    this.onState('connecting', { tries: this.#tries })
    const socket = this.#socket = new WebSocket(this.#url)
    socket.onopen = () => {
      this.#tries = 0
      this.#heartbeat()
      this.onState('open', {})
      for (const channel of this.#channels.values()) channel.rejoin()
    }
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data))
    socket.onclose = () => { if (socket === this.#socket) this.#lost() }
    return this
  }

  // Ends it for good.
  close() {
    this.#closed = true
    this.#stopTimers()
    this.#socket?.close(1000)
  }

  // Tries again at once, for when the network or the tab comes back.
  hurry() {
    if (!this.#closed && this.#socket === null) this.connect()
  }

  get isOpen() { return this.#socket?.readyState === WebSocket.OPEN }

  channel(topic, payload, handlers) {
    const channel = new Channel(this, topic, payload, handlers)
    this.#channels.set(topic, channel)
    if (this.isOpen) channel.rejoin()
    return channel
  }

  nextRef() { return String(++this.#ref) }

  // Sends a frame and resolves with the reply's {status, response}; rejects when none comes.
  push(joinRef, topic, event, payload, ref = this.nextRef()) {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new Error('not connected'))
      const timer = setTimeout(() => {
        this.#pushes.delete(ref)
        reject(new Error('the gateway did not answer'))
      }, PUSH_TIMEOUT_MS)
      this.#pushes.set(ref, { resolve, reject, timer })
      this.#socket.send(JSON.stringify([joinRef, ref, topic, event, payload]))
    })
  }

  #receive([joinRef, ref, topic, event, payload]) {
    if (event === 'phx_reply') {
      const push = this.#pushes.get(ref)
      this.#pushes.delete(ref)
      clearTimeout(push?.timer)
      return push?.resolve(payload)
    }
    this.#channels.get(topic)?.receive(joinRef, event, payload)
  }

  #heartbeat() {
    this.#timers.heartbeat = setTimeout(() => {
      // A connection that does not answer is dead, whatever the browser thinks of it.
      const socket = this.#socket
      this.push(null, 'phoenix', 'heartbeat', {}).then(() => this.#heartbeat(), () => {
        if (socket !== this.#socket || this.#closed) return
        socket.close(4000)
        this.#lost()
      })
    }, HEARTBEAT_MS)
  }

  #lost() {
    this.#stopTimers()
    this.#socket = null
    for (const { reject, timer } of this.#pushes.values()) {
      clearTimeout(timer)
      reject(new Error('the connection was lost'))
    }
    this.#pushes.clear()
    for (const channel of this.#channels.values()) channel.lost()
    if (this.#closed) return
    const delay = backoff(this.#tries++)
    this.#timers.retry = setTimeout(() => this.connect(), delay)
    this.onState('waiting', { tries: this.#tries, delay })
  }

  #stopTimers() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer)
    this.#timers = {}
  }
}

export class Channel {
  #socket; #topic; #payload; #handlers; #joinRef = null; #tries = 0; #timer

  // handlers: joined(response), refused(response), lost(), and one per event name in `events`.
  constructor(socket, topic, payload, handlers) {
    this.#socket = socket
    this.#topic = topic
    this.#payload = payload
    this.#handlers = handlers
  }

  async rejoin() {
    clearTimeout(this.#timer)
    const ref = this.#joinRef = this.#socket.nextRef()
    try {
      const { status, response } = await this.#socket.push(ref, this.#topic, 'phx_join', this.#payload, ref)
      if (ref !== this.#joinRef) return
      if (status === 'ok') {
        this.#tries = 0
        this.isJoined = true
        this.#handlers.joined?.(response)
      } else {
        this.#handlers.refused?.(response)
      }
    } catch {
      if (ref === this.#joinRef && this.#socket.isOpen) this.#again()
    }
  }

  isJoined = false

  push(event, payload) {
    return this.#socket.push(this.#joinRef, this.#topic, event, payload)
  }

  receive(joinRef, event, payload) {
    // What an earlier join of the same topic still had under way is not for us.
    if (joinRef !== null && joinRef !== this.#joinRef) return
    if (event === 'phx_error') {
      this.lost()
      return this.#again()
    }
    if (event === 'phx_close') return this.lost()
    this.#handlers.events?.[event]?.(payload)
  }

  lost() {
    clearTimeout(this.#timer)
    if (this.isJoined) this.#handlers.lost?.()
    this.isJoined = false
  }

  #again() {
    this.#timer = setTimeout(() => this.rejoin(), backoff(this.#tries++))
  }
}

// Who is there, from presence_state and presence_diff; diffs that come before the state wait for it.
export class Presence {
  #people = new Map(); #early = []; #isSynced = false

  constructor(onChange) { this.onChange = onChange }

  reset() {
    this.#people.clear()
    this.#early = []
    this.#isSynced = false
    this.onChange([])
  }

  state(state) {
    this.#people = new Map(Object.entries(state).map(([key, { metas }]) => [key, metas]))
    this.#isSynced = true
    for (const diff of this.#early.splice(0)) this.#apply(diff)
    this.#changed()
  }

  diff(diff) {
    if (!this.#isSynced) return this.#early.push(diff)
    this.#apply(diff)
    this.#changed()
  }

  #apply({ joins = {}, leaves = {} }) {
    for (const [key, { metas }] of Object.entries(joins)) {
      const known = new Set(metas.map((meta) => meta.phx_ref))
      const others = (this.#people.get(key) ?? []).filter((meta) => !known.has(meta.phx_ref))
      this.#people.set(key, [...others, ...metas])
    }
    for (const [key, { metas }] of Object.entries(leaves)) {
      const gone = new Set(metas.map((meta) => meta.phx_ref))
      const rest = (this.#people.get(key) ?? []).filter((meta) => !gone.has(meta.phx_ref))
      if (rest.length) this.#people.set(key, rest)
      else this.#people.delete(key)
    }
  }

  #changed() {
    const people = [...this.#people].map(([id, metas]) => ({ id, ...metas.at(-1), devices: metas.length }))
    this.onChange(people.sort((a, b) => a.id.localeCompare(b.id)))
  }
}
