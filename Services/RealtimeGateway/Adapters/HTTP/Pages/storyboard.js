// The strip of pictures below the video: shows where one is and seeks to where one points.

import { $, clock, element, hide } from './page.js'

const SEEK_STEP = 5

export class Storyboard {
  #video; #tiles = []; #watch

  constructor(video) {
    this.#video = video
    const strip = $('strip')
    strip.onpointermove = (event) => this.#point(event)
    strip.onpointerleave = () => hide($('preview'), true)
    strip.onpointerdown = (event) => { strip.setPointerCapture(event.pointerId); this.#seek(this.#time(event)) }
    strip.onkeydown = (event) => this.#key(event)
    video.addEventListener('timeupdate', () => this.#follow())
    video.addEventListener('durationchange', () => this.#follow())
    this.#watch = new ResizeObserver(() => this.#fill())
    this.#watch.observe(strip)
  }

  // Shows the pictures that a WebVTT track of spatial fragments names; none if it cannot be had.
  async load(url) {
    try {
      const answer = await fetch(url)
      this.#tiles = answer.ok ? parse(await answer.text(), new URL(url, location.href)) : []
    } catch {
      this.#tiles = []
    }
    hide($('strip'), this.#tiles.length === 0)
    this.#fill()
    this.#follow()
  }

  clear() {
    this.#tiles = []
    hide($('strip'), true)
  }

  get #duration() {
    return Number.isFinite(this.#video.duration) ? this.#video.duration : this.#tiles.at(-1)?.end ?? 0
  }

  #fill() {
    const { clientWidth: width, clientHeight: height } = $('strip')
    const first = this.#tiles[0]
    if (!first || !width) return
    const count = Math.max(1, Math.min(this.#tiles.length, Math.round(width / (height * first.w / first.h))))
    $('frames').replaceChildren(...Array.from({ length: count }, (_, index) => {
      const frame = element('div', { class: 'frame' })
      paint(frame, this.#tileAt((index + 0.5) / count * this.#duration), width / count, height)
      return frame
    }))
  }

  #tileAt(time) {
    return this.#tiles.findLast((tile) => tile.start <= time) ?? this.#tiles[0]
  }

  #time(event) {
    const box = $('strip').getBoundingClientRect()
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * this.#duration
  }

  #point(event) {
    const time = this.#time(event)
    const tile = this.#tileAt(time)
    if (!tile) return
    if (event.buttons) this.#seek(time)
    hide($('preview'), false)
    paint($('preview-picture'), tile, tile.w, tile.h)
    $('preview-time').textContent = clock(time)
    const half = $('preview').offsetWidth / 2
    const centre = time / this.#duration * $('strip').clientWidth
    $('preview').style.left = `${Math.min($('strip').clientWidth - half, Math.max(half, centre))}px`
  }

  #key(event) {
    const steps = { ArrowLeft: -SEEK_STEP, ArrowDown: -SEEK_STEP, ArrowRight: SEEK_STEP, ArrowUp: SEEK_STEP }
    const time = event.key === 'Home' ? 0 : event.key === 'End' ? this.#duration
      : event.key in steps ? this.#video.currentTime + steps[event.key] : null
    if (time === null) return
    event.preventDefault()
    this.#seek(time)
  }

  #seek(time) {
    this.#video.currentTime = Math.min(this.#duration, Math.max(0, time))
    this.#follow()
  }

  #follow() {
    const { currentTime } = this.#video
    $('playhead').style.left = `${this.#duration ? currentTime / this.#duration * 100 : 0}%`
    const strip = $('strip')
    strip.setAttribute('aria-valuemin', 0)
    strip.setAttribute('aria-valuemax', Math.round(this.#duration))
    strip.setAttribute('aria-valuenow', Math.round(currentTime))
    strip.setAttribute('aria-valuetext', `${clock(currentTime)} of ${clock(this.#duration)}`)
  }
}

// Fills a box with one picture of a sheet, scaled to cover it.
function paint(node, tile, width, height) {
  const scale = Math.max(width / tile.w, height / tile.h)
  const left = tile.x * scale + (tile.w * scale - width) / 2
  const top = tile.y * scale + (tile.h * scale - height) / 2
  Object.assign(node.style, {
    width: `${width}px`, height: `${height}px`, backgroundImage: `url("${tile.url}")`,
    backgroundPosition: `${-left}px ${-top}px`, backgroundSize: `${tile.columns * tile.w * scale}px auto`,
  })
}

function parse(text, base) {
  const seconds = (stamp) => stamp.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  const cue = /([\d:.]+) --> ([\d:.]+)[^\n]*\n([^\n#]+)#xywh=(\d+),(\d+),(\d+),(\d+)/g
  const tiles = [...text.replaceAll('\r', '').matchAll(cue)].map(([, start, end, name, x, y, w, h]) => ({
    start: seconds(start), end: seconds(end), url: new URL(name, base).href, x: +x, y: +y, w: +w, h: +h,
  }))
  // A sheet is as wide as its widest row.
  const columns = Math.max(...tiles.map((tile) => tile.x / tile.w + 1))
  return tiles.map((tile) => ({ ...tile, columns }))
}
