// Asks /jobs each second and shows what it says. Text from others only ever becomes text, never markup.

const EVERY = 1000
const PER_PAGE = 25

const $ = (id) => document.getElementById(id)
const filters = $('filters')
const shown = new Map()
const opened = new Set()
const sheets = new Map()
let after = ''
let tag = ''
let timer

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node[key] = value
    else node.setAttribute(key, value)
  }
  node.append(...children)
  return node
}

// Changes a node's text only where it differs, so that a reader's selection stays.
function write(node, text) {
  if (node.textContent !== text) node.textContent = text
}

function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const tail = String(rest).padStart(2, '0')
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}

const moment = (text) => new Date(text).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' })

// One job

function make(job) {
  const title = element('h2', { id: `job-${job.event_id}` }, element('code', {}, job.media_id))
  const parts = {
    picture: element('div', { class: 'picture', 'aria-hidden': 'true' }),
    word: element('span', { class: 'word' }),
    what: element('p', { class: 'what' }),
    progress: element('progress', { max: 100, 'aria-labelledby': title.id }),
    percent: element('span'),
    problem: element('p', { class: 'problem' }),
    times: element('p', { class: 'times' }),
    cancel: element('button', { type: 'button', onclick: () => cancel(job.event_id) }, 'Cancel'),
    history: element('ol'),
  }
  parts.cancel.setAttribute('aria-label', `Cancel the job of media ${job.media_id}`)
  parts.bar = element('div', { class: 'bar' }, parts.progress, parts.percent)
  parts.details = element('details', {}, element('summary', {}, 'What happened'), parts.history)
  parts.details.ontoggle = () => {
    opened[parts.details.open ? 'add' : 'delete'](job.event_id)
    if (parts.details.open) showHistory(job.event_id)
  }
  parts.node = element('article', { class: 'job', 'aria-labelledby': title.id },
    parts.picture, element('div', { class: 'head' }, title, parts.word), parts.what, parts.bar, parts.problem,
    parts.times, parts.cancel, parts.details)
  return parts
}

function show(job) {
  const parts = shown.get(job.event_id) ?? make(job)
  shown.set(job.event_id, parts)
  const word = job.outcome ?? job.state
  parts.node.dataset.event = job.event_id
  parts.word.dataset.word = word
  write(parts.word, word)
  write(parts.what, `${job.source} \u2014 user ${job.user_id}`)
  showProgress(parts, job)
  write(parts.problem, job.outcome === 'ready' ? '' : [job.reason, job.message].filter(Boolean).join(': '))
  write(parts.times, times(job))
  parts.cancel.hidden = job.state === 'ended' || job.state === 'cancelling'
  showPicture(parts, job)
  if (opened.has(job.event_id) && parts.state !== JSON.stringify(job)) showHistory(job.event_id)
  parts.state = JSON.stringify(job)
  return parts.node
}

function showProgress(parts, job) {
  const { progress } = job
  parts.bar.hidden = job.state === 'ended' || !progress
  if (!progress) return
  parts.progress.value = progress.percent
  const pieces = [`${progress.percent.toFixed(1)} %`, progress.stage]
  if (progress.parts) pieces.push(`part ${progress.parts.done} of ${progress.parts.total}`)
  if (progress.eta_s !== undefined) pieces.push(`${clock(progress.eta_s)} left`)
  write(parts.percent, pieces.join(', '))
}

function times(job) {
  const pieces = [`received ${moment(job.received_at)}`]
  if (job.node && job.state !== 'waiting') pieces.push(`on ${job.node}`)
  if (job.attempts > 1) pieces.push(`attempt ${job.attempts}`)
  if (job.ended_at) pieces.push(`ended ${moment(job.ended_at)}`)
  if (job.worked_s) pieces.push(`${job.worked_s.toFixed(1)} s of work`)
  if (job.duration !== undefined) pieces.push(`${clock(job.duration)} long`)
  if (job.resolutions?.length) pieces.push(job.resolutions.join(' '))
  if (job.incomplete) pieces.push('incomplete')
  return pieces.join(' \u00b7 ')
}

// Pictures: the storyboard of what is made, the newest thumbnail of what is being made

function showPicture(parts, job) {
  const { urls } = job
  const source = urls?.storyboard ?? urls?.poster ?? urls?.thumbnails
  if (!source) return
  if (urls.storyboard) {
    if (parts.source === source) return
    parts.source = source
    playStoryboard(parts, source, urls.poster)
  } else if (urls.thumbnails) {
    showThumbnail(parts, urls.thumbnails)
  } else if (parts.source !== source) {
    parts.source = source
    picture(parts, source)
  }
}

function picture(parts, url) {
  const image = element('img', { alt: '', src: url, loading: 'lazy' })
  image.onload = () => parts.picture.replaceChildren(image)
}

// Looks for the next numbered picture until there is none; the last that was there stays.
function showThumbnail(parts, folder) {
  if (parts.isLooking) return
  const number = parts.folder === folder ? parts.number : 1
  parts.isLooking = true
  const image = element('img', { alt: '', src: `${folder}thumb_${number}.jpg` })
  image.onload = () => {
    Object.assign(parts, { folder, number: number + 1, isLooking: false })
    parts.picture.replaceChildren(image)
  }
  image.onerror = () => { parts.isLooking = false }
}

// Shows the storyboard's pictures one after the other while the pointer is on it, else the one in the middle.
async function playStoryboard(parts, url, poster) {
  if (poster) picture(parts, poster)
  const tiles = await storyboard(url)
  if (!tiles.length) return
  let turn = Math.floor(tiles.length / 2)
  const draw = () => {
    const tile = tiles[turn % tiles.length]
    const scale = Math.min(parts.picture.clientWidth / tile.w, parts.picture.clientHeight / tile.h)
    const piece = element('div')
    Object.assign(piece.style, {
      width: `${tile.w * scale}px`, height: `${tile.h * scale}px`, margin: 'auto',
      backgroundImage: `url("${tile.url}")`, backgroundSize: `${tile.columns * tile.w * scale}px auto`,
      backgroundPosition: `${-tile.x * scale}px ${-tile.y * scale}px`,
    })
    parts.picture.replaceChildren(piece)
  }
  draw()
  let running
  parts.picture.onpointerenter = () => { running = setInterval(() => { turn += 1; draw() }, 250) }
  parts.picture.onpointerleave = () => clearInterval(running)
}

function storyboard(url) {
  if (!sheets.has(url)) {
    sheets.set(url, fetch(url).then((answer) => (answer.ok ? answer.text() : '')).catch(() => '').then((text) => parse(text, url)))
  }
  return sheets.get(url)
}

function parse(text, base) {
  const cue = /-->[^\n]*\n([^\n#]+)#xywh=(\d+),(\d+),(\d+),(\d+)/g
  const tiles = [...text.replaceAll('\r', '').matchAll(cue)].map(([, name, x, y, w, h]) => ({
    url: new URL(name, base).href, x: +x, y: +y, w: +w, h: +h,
  }))
  // A sheet is as wide as its widest row.
  const columns = Math.max(...tiles.map((tile) => tile.x / tile.w + 1))
  return tiles.map((tile) => ({ ...tile, columns }))
}

// History and cancelling

async function showHistory(event) {
  const answer = await fetch(`/jobs/${event}`, { headers: { Accept: 'application/json' } })
  if (!answer.ok) return
  const { history } = await answer.json()
  shown.get(event)?.history.replaceChildren(...history.map((entry) => {
    const { at, event: what, ...facts } = entry
    const told = Object.entries(facts).map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    return element('li', {}, element('time', { datetime: at }, moment(at)), ` ${what.replace('_', ' ')} `, told.join(', '))
  }))
}

async function cancel(event) {
  const { cancel: button, problem } = shown.get(event)
  button.disabled = true
  try {
    const answer = await fetch(`/jobs/${event}/cancel`, { method: 'POST', headers: { Accept: 'application/json' } })
    if (!answer.ok) write(problem, (await answer.json()).detail)
  } catch {
    write(problem, 'The processor does not answer')
  } finally {
    button.disabled = false
  }
  look()
}

// Asking

function query() {
  const parameters = new URLSearchParams({ limit: PER_PAGE })
  for (const [name, value] of new FormData(filters)) if (value.trim()) parameters.set(name, value.trim())
  if (after) parameters.set('after', after)
  return parameters
}

async function look() {
  clearTimeout(timer)
  try {
    const headers = { Accept: 'application/json' }
    if (tag) headers['If-None-Match'] = tag
    const answer = await fetch(`/jobs?${query()}`, { headers, cache: 'no-store' })
    if (answer.status !== 304) {
      const facts = await answer.json()
      if (!answer.ok) throw new Error(facts.detail)
      tag = answer.headers.get('ETag') ?? ''
      showAll(facts)
    }
    say('open', 'Live')
  } catch (error) {
    tag = ''
    say('failed', error instanceof TypeError ? 'The processor does not answer' : error.message)
  }
  clearTimeout(timer)
  timer = setTimeout(look, EVERY)
}

function showAll({ jobs, next }) {
  const nodes = jobs.map(show)
  const present = new Set(jobs.map((job) => job.event_id))
  for (const event of [...shown.keys()]) if (!present.has(event)) shown.delete(event)
  const list = $('jobs')
  // Nodes that are in place are left there: moving one would take the focus from its button.
  nodes.forEach((node, index) => { if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null) })
  while (list.children.length > nodes.length) list.lastChild.remove()
  $('nothing').hidden = nodes.length > 0
  $('newest').hidden = !after
  $('older').hidden = !next
  $('older').onclick = () => go(next)
}

function say(state, text) {
  $('state').dataset.state = state
  write($('state'), text)
}

function go(position) {
  after = position
  tag = ''
  look()
}

// The address tells what is shown, so that it can be kept and handed on.
function filter() {
  const parameters = query()
  parameters.delete('limit')
  parameters.delete('after')
  history.replaceState(null, '', parameters.size ? `/jobs?${parameters}` : '/jobs')
  go('')
}

filters.addEventListener('submit', (event) => { event.preventDefault(); filter() })
filters.addEventListener('change', filter)
for (const [name, value] of new URLSearchParams(location.search)) {
  if (filters.elements[name]) filters.elements[name].value = value
}
$('newest').addEventListener('click', () => go(''))
look()
