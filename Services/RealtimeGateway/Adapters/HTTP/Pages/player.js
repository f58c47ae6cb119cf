// The video: waits for it, shows how far it is, plays it.

import { $, clock, element, hide, remaining, toast } from './page.js'
import { Storyboard } from './storyboard.js'

const HLS = 'application/vnd.apple.mpegurl'
// The player for browsers that cannot play HLS by themselves, pinned to one version and to its bytes.
const LIBRARY = 'https://cdn.jsdelivr.net/npm/hls.js@1.6.16/dist/hls.min.js'
const LIBRARY_HASH = 'sha384-5E8B0pTlZZJMabWpC0fyYf6OUpe15jJij34BqBAh4NXoHAlLNOjCPRrwtOXOQFAn'
const STAGES = { probing: 'Looking at the file', transcoding: 'Transcoding', packaging: 'Packaging', publishing: 'Publishing' }
const FAILURES = {
  not_found: 'The file was not where the event said. Upload it again.',
  not_allowed: 'The file lies outside the folder that uploads may come from.',
  unsupported_source: 'Files cannot be fetched from that kind of address.',
  not_media: 'Upload a video or a sound file, such as MP4, MOV, WebM or MP3.',
  no_streams: 'There is neither picture nor sound in it.',
  decode_failed: 'The file seems damaged. Export or record it again.',
}
const ANNOUNCE_EVERY = 25

export class Player {
  #video = $('video'); #base; #id = null; #source = null; #library = null; #hasFailed = false; #announced = -ANNOUNCE_EVERY
  #storyboard = new Storyboard(this.#video)

  constructor(base) {
    this.#base = base.replace(/\/+$/, '')
    this.#video.addEventListener('loadedmetadata', () => this.#state('playing'))
    this.#video.addEventListener('error', () => this.#failedToPlay())
    $('retry').onclick = () => this.open(this.#id)
  }

  get id() { return this.#id }

  // Shows the media of this id: plays it if it is there, else waits for what is told of it.
  open(id) {
    this.#reset(id)
    $('media-title').textContent = `Video ${id.length > 13 ? `${id.slice(0, 8)}\u2026` : id}`
    $('media-title').title = id
    this.#waiting('Waiting for the processor')
    this.look()
  }

  // Looks whether the media has come; events that were sent while nobody listened are not sent again.
  async look() {
    const id = this.#id
    if (this.#source || this.#hasFailed) return
    const folder = new URL(`${this.#base}/${encodeURIComponent(id)}/`, location.href)
    try {
      // It is stored last of all: where it is, everything is.
      const answer = await fetch(new URL('asset.json', folder), { cache: 'no-store' })
      const asset = answer.ok ? await answer.json() : null
      if (id !== this.#id || this.#source) return
      if (asset) return this.ready(described(asset, folder))
      if (answer.status !== 404) this.#fail('The video cannot be reached', `The media server answered ${answer.status}.`, '', true)
    } catch {
      if (id !== this.#id || this.#source) return
      this.#fail('The video cannot be reached', 'The media server did not answer.', 'Check that the gateway runs and that CDN_BASE_URL is right.', true)
    }
  }

  progress({ stage, percent, eta_s: eta, playable_url: playable }) {
    if (playable && !this.#source) this.#play(playable)
    const words = STAGES[stage] ?? stage
    const rest = eta > 0 ? `${words}, ${remaining(eta)} left` : words
    if (this.#source) {
      hide($('more'), percent >= 100)
      $('more-meter').style.width = `${percent}%`
      $('more-text').textContent = `More qualities are being made: ${Math.floor(percent)} %`
    } else {
      this.#waiting(rest, percent, stage)
    }
    if (percent - this.#announced >= ANNOUNCE_EVERY) {
      this.#announced = percent
      $('announce').textContent = `${words}: ${Math.round(percent)} percent`
    }
  }

  ready({ playback_urls: urls, resolutions, duration, storyboard_url: storyboard, poster_url: poster }) {
    hide($('more'), true)
    $('announce').textContent = 'The video is ready'
    // What plays already goes on playing; the player finds the new qualities in the playlist.
    if (!this.#source) this.#play(urls.hls, poster)
    this.#describe(resolutions, urls, duration)
    if (storyboard) this.#storyboard.load(storyboard)
  }

  failed({ reason, message, retryable }) {
    this.#hasFailed = true
    $('announce').textContent = 'The video failed'
    if (this.#source) return toast('The video is incomplete', message)
    this.#fail('This upload did not become playable', message, retryable ? 'It may work if it is announced again.' : FAILURES[reason] ?? '')
  }

  // Steps

  #reset(id) {
    this.#library?.destroy()
    this.#library = this.#source = null
    this.#id = id
    this.#hasFailed = false
    this.#announced = -ANNOUNCE_EVERY
    this.#video.removeAttribute('src')
    this.#video.removeAttribute('poster')
    this.#video.load()
    this.#storyboard.clear()
    this.#describe([], null)
    hide($('more'), true)
  }

  async #play(url, poster) {
    this.#source = url
    if (poster) this.#video.poster = poster
    if (this.#video.canPlayType(HLS)) {
      this.#video.src = url
      this.#state('playing')
    } else {
      await this.#playWithLibrary(url)
    }
  }

  async #playWithLibrary(url) {
    try {
      const Hls = await library()
      if (url !== this.#source) return
      if (!Hls.isSupported()) throw new Error('This browser can play neither HLS nor Media Source Extensions.')
      this.#library = new Hls()
      this.#library.on(Hls.Events.ERROR, (_, { fatal, details }) => {
        if (fatal) this.#fail('The video stopped', `The player says: ${details}.`, '', true)
      })
      this.#library.loadSource(url)
      this.#library.attachMedia(this.#video)
      this.#state('playing')
    } catch (error) {
      this.#fail('The video cannot be played here', error.message, 'Try a recent Safari, Chrome, Edge or Firefox.', true)
    }
  }

  #failedToPlay() {
    if (!this.#source || this.#library) return
    // The browser's own HLS gave up; the library is the second chance.
    if (window.MediaSource) return this.#playWithLibrary(this.#source)
    this.#fail('The video stopped', this.#video.error?.message || 'The browser could not play it.', '', true)
  }

  #describe(resolutions, urls, duration) {
    const chips = duration ? [...resolutions, clock(duration)] : resolutions
    $('chips').replaceChildren(...chips.map((text) => element('li', {}, text)))
    $('links').replaceChildren(...Object.entries(urls ?? {}).filter(([, url]) => url).map(([kind, url]) =>
      element('a', { href: safe(url), rel: 'noreferrer' }, kind.toUpperCase())))
  }

  #state(state) { $('stage').dataset.state = state }

  #waiting(text, percent, stage) {
    this.#state('waiting')
    const ring = $('ring')
    ring.classList.toggle('unknown', percent === undefined)
    ring.style.setProperty('--percent', percent ?? 0)
    if (percent === undefined) ring.removeAttribute('aria-valuenow')
    else ring.setAttribute('aria-valuenow', Math.round(percent))
    $('percent').textContent = percent === undefined ? '' : `${Math.floor(percent)}%`
    $('eta').textContent = text
    const order = Object.keys(STAGES)
    for (const item of $('steps').children) {
      const [own, current] = [order.indexOf(item.dataset.stage), order.indexOf(stage)]
      item.dataset.is = own < current ? 'done' : own === current ? 'current' : 'ahead'
    }
  }

  #fail(title, message, hint, canRetry = false) {
    this.#state('failed')
    $('failed-title').textContent = title
    $('failed-message').textContent = message
    $('failed-hint').textContent = hint
    hide($('retry'), !canRetry)
  }
}

// Only addresses of the web become links.
function safe(url) {
  const { protocol, href } = new URL(url, location.href)
  return protocol === 'https:' || protocol === 'http:' ? href : '#'
}

// What media.ready says, from the description that lies beside the media.
function described({ video, duration, prefix, has_poster: hasPoster, has_storyboard: hasStoryboard }, folder) {
  const at = (name) => new URL(name, folder).href
  return {
    playback_urls: { hls: at('master.m3u8'), dash: at('manifest.mpd') },
    resolutions: video.map(({ name }) => name),
    duration,
    ...(hasPoster && { poster_url: at(`${prefix}poster.jpg`) }),
    ...(hasStoryboard && { storyboard_url: at(`${prefix}storyboard.vtt`) }),
  }
}

function library() {
  if (window.Hls) return Promise.resolve(window.Hls)
  return new Promise((resolve, reject) => {
    const script = element('script', { src: LIBRARY, integrity: LIBRARY_HASH, crossorigin: 'anonymous', referrerpolicy: 'no-referrer' })
    script.onload = () => resolve(window.Hls)
    script.onerror = () => { script.remove(); reject(new Error('The player could not be loaded from cdn.jsdelivr.net.')) }
    document.head.append(script)
  })
}
