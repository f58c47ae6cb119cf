// Asks /status each second and shows what it says; the names of topics once an API key is given.

const KEY = 'martlet.api-key'
const EVERY = 1000
const POINTS = 120

const $ = (id) => document.getElementById(id)
const number = new Intl.NumberFormat('en')
const rates = []
let key = sessionStorage.getItem(KEY) ?? ''

function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  let power = 0
  while (count >= 1024 && power < units.length - 1) {
    count /= 1024
    power += 1
  }
  return `${count.toFixed(power ? 1 : 0)} ${units[power]}`
}

function duration(seconds) {
  const days = Math.floor(seconds / 86400)
  const clock = new Date(seconds * 1000).toISOString().slice(11, 19)
  return days ? `${days} d ${clock}` : clock
}

function element(name, text) {
  const made = document.createElement(name)
  made.textContent = text
  return made
}

function row(...cells) {
  const made = document.createElement('tr')
  made.append(...cells.map((cell) => element('td', typeof cell === 'number' ? number.format(cell) : cell)))
  return made
}

function show(facts) {
  const isFine = facts.status === 'operational'
  $('state').dataset.state = isFine ? 'open' : 'failed'
  $('state-text').textContent = isFine ? 'Operational' : `Degraded: ${facts.database.reason ?? facts.status}`
  const figures = {
    Connections: number.format(facts.websocket.active_connections),
    'Since the start': number.format(facts.websocket.total_connections),
    Topics: number.format(facts.websocket.rooms),
    'Slow readers': number.format(facts.queues.slow_connections),
    'Waiting for them': bytes(facts.queues.waiting_bytes),
    'Waiting for the broker': number.format(facts.queues.outbox),
    Database: facts.database.response_time === undefined ? 'away' : `${facts.database.response_time} ms`,
    Memory: `${facts.server.memory_usage.rss} MiB`,
    Up: duration(facts.server.uptime),
  }
  $('figures').replaceChildren(
    ...Object.entries(figures).map(([name, value]) => {
      const figure = document.createElement('div')
      figure.append(element('dt', name), element('dd', value))
      return figure
    }),
  )
  $('deliveries').replaceChildren(
    ...Object.entries(facts.deliveries)
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([kind, { due, delivered, waiting, dropped }]) => {
        const reasons = Object.entries(dropped).map(([reason, count]) => `${number.format(count)} ${reason}`)
        return row(kind, due, delivered, waiting, reasons.join(', ') || '0')
      }),
  )
  draw(facts.websocket.events_per_minute)
}

function draw(rate) {
  rates.push(rate)
  if (rates.length > POINTS) rates.shift()
  const highest = Math.max(1, ...rates)
  const points = rates.map((value, index) => `${(index * 300) / (POINTS - 1)},${58 - (value * 56) / highest}`)
  $('curve').firstElementChild.setAttribute('points', points.join(' '))
  $('rate-title').textContent = `Events a minute: ${number.format(rate)}`
}

async function showTopics() {
  if (!key) return
  const response = await fetch('/status/topics', { headers: { 'X-WebSocket-API-Key': key } })
  const answer = await response.json()
  const isKnown = response.ok
  if (isKnown) sessionStorage.setItem(KEY, key)
  else {
    key = ''
    sessionStorage.removeItem(KEY)
  }
  $('key-problem').textContent = isKnown ? '' : answer.detail
  $('unlock').hidden = isKnown
  $('topics-table').hidden = !isKnown
  if (isKnown) $('topics').replaceChildren(...answer.topics.map(({ topic, subscribers }) => row(topic, subscribers)))
}

async function turn() {
  try {
    const response = await fetch('/status', { headers: { Accept: 'application/json' } })
    show(await response.json())
    await showTopics()
  } catch {
    $('state').dataset.state = 'failed'
    $('state-text').textContent = 'The gateway does not answer'
  }
  setTimeout(turn, EVERY)
}

$('unlock').addEventListener('submit', (event) => {
  event.preventDefault()
  key = $('key').value
  showTopics()
})
turn()
