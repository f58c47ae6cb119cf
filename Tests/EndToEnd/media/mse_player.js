// What an HLS or DASH player does, and no more: reads the manifest, appends initialisation and segments to SourceBuffers in the
// order asked for, and watches what the browser makes of them.

const attributes = text => Object.fromEntries([...text.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)].map(m => [m[1], m[2].replaceAll('"', '')]))

const fetched = async (url, how) => {
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
    return answer[how]()
}

const codecOf = (codecs, kind) => codecs.split(',').filter(name => name.startsWith('mp4a') === (kind === 'audio')).join(',')

async function readMedia(url, mime) {
    const lines = (await fetched(url, 'text')).split('\n')
    const at = name => new URL(name, url).href
    const init = at(attributes(lines.find(line => line.startsWith('#EXT-X-MAP'))).URI)
    return { mime, init, lines, segments: lines.filter(line => line && !line.startsWith('#')).map(at) }
}

// Both readers give { video: [tracks, best first], audio: [tracks] }.
async function readHLS(url) {
    const lines = (await fetched(url, 'text')).split('\n')
    const at = name => new URL(name, url).href
    const found = { video: [], audio: [] }
    let sound = ''
    for (const [index, line] of lines.entries()) {
        if (!line.startsWith('#EXT-X-STREAM-INF:')) continue
        const { CODECS } = attributes(line)
        sound ||= codecOf(CODECS, 'audio')
        const kind = codecOf(CODECS, 'video') ? 'video' : 'audio'
        found[kind].push(await readMedia(at(lines[index + 1]), `${kind}/mp4; codecs="${codecOf(CODECS, kind)}"`))
    }
    for (const line of lines.filter(line => line.startsWith('#EXT-X-MEDIA:') && line.includes('TYPE=AUDIO'))) {
        found.audio.push(await readMedia(at(attributes(line).URI), `audio/mp4; codecs="${sound}"`))
    }
    return found
}

async function readDASH(url) {
    const manifest = new DOMParser().parseFromString(await fetched(url, 'text'), 'text/xml')
    const found = { video: [], audio: [] }
    for (const representation of manifest.querySelectorAll('Representation')) {
        const set = representation.parentElement
        const template = representation.querySelector('SegmentTemplate') ?? set.querySelector('SegmentTemplate')
        if (!template) continue
        const name = (pattern, number) => new URL(pattern.replace('$RepresentationID$', representation.id)
            .replace(/\$Number%0(\d+)d\$/, (_, width) => String(number).padStart(Number(width), '0')), url).href
        let number = Number(template.getAttribute('startNumber'))
        const segments = []
        for (const run of template.querySelectorAll('S')) {
            for (let repeat = Number(run.getAttribute('r') ?? 0); repeat >= 0; repeat--) {
                segments.push(name(template.getAttribute('media'), number++))
            }
        }
        const type = set.getAttribute('mimeType') ?? representation.getAttribute('mimeType')
        const codecs = representation.getAttribute('codecs') ?? set.getAttribute('codecs')
        found[set.getAttribute('contentType')]?.push(
            { mime: `${type}; codecs="${codecs}"`, init: name(template.getAttribute('initialization')), segments })
    }
    return found
}

const event = (target, name) => new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, { once: true })
    target.addEventListener('error', () => reject(new Error(`error while waiting for ${name}`)), { once: true })
})

const ranges = buffered => Array.from({ length: buffered.length }, (_, index) => [buffered.start(index), buffered.end(index)])

async function append(buffer, url) {
    buffer.appendBuffer(await fetched(url, 'arrayBuffer'))
    await event(buffer, 'updateend')
}

// Appends every segment; `choose(index)` says of which track.
async function fill(buffer, tracks, choose, holes) {
    let current = null
    for (let index = 0; index < tracks[0].segments.length; index++) {
        const track = tracks[choose(index) % tracks.length]
        if (track !== current) {
            if (current && current.mime !== track.mime) buffer.changeType(track.mime)
            await append(buffer, track.init)
            current = track
        }
        await append(buffer, track.segments[index])
        if (buffer.buffered.length !== 1) holes.push([track.segments[index], ranges(buffer.buffered)])
    }
}

function watch(video) {
    const seen = { errors: [], sizes: [] }
    video.muted = true
    video.addEventListener('error', () => seen.errors.push(video.error.message))
    video.addEventListener('resize', () => seen.sizes.push(`${video.videoWidth}x${video.videoHeight}`))
    return seen
}

// Plays from the start to the end.
async function toTheEnd(video, seen, rate) {
    const ended = new Promise((resolve, reject) => {
        video.addEventListener('ended', resolve)
        video.addEventListener('error', () => reject(new Error(video.error.message)))
        setTimeout(() => reject(new Error(`did not end: at ${video.currentTime} of ${video.duration}`)), 50000)
    })
    video.playbackRate = rate
    await video.play()
    await ended
    const quality = video.getVideoPlaybackQuality()
    return { ...seen, time: video.currentTime, duration: video.duration, frames: quality.totalVideoFrames,
        corrupted: quality.corruptedVideoFrames }
}

// `switches`: 'none' takes the best track throughout, 'every' another one at every segment.
async function playMSE(read, url, switches, rate) {
    const found = await read(new URL(url, location).href)
    const video = document.querySelector('video')
    const seen = watch(video)
    const source = new MediaSource()
    video.src = URL.createObjectURL(source)
    await event(source, 'sourceopen')
    const holes = []
    const choose = switches === 'every' ? index => index : () => 0
    const kinds = ['video', 'audio'].filter(kind => found[kind].length)
    const buffers = kinds.map(kind => source.addSourceBuffer(found[kind][0].mime))
    await Promise.all(kinds.map((kind, index) => fill(buffers[index], found[kind], kind === 'video' ? choose : () => 0, holes)))
    source.endOfStream()
    if (found.video.length) await (video.readyState >= 2 || event(video, 'loadeddata'))
    const buffered = kinds.map((kind, index) => ({ kind, ranges: ranges(buffers[index].buffered) }))
    return { ...await toTheEnd(video, seen, rate), holes, buffered, all: ranges(video.buffered) }
}

// The browser reads the playlists itself.
async function playNative(url, rate) {
    const video = document.querySelector('video')
    const seen = watch(video)
    video.src = url
    if (video.readyState < 1) await event(video, 'loadedmetadata')
    return { ...await toTheEnd(video, seen, rate), all: ranges(video.buffered) }
}

// Shows the pictures at these times, each another one than before, and tells their colours.
async function coloursAt(times) {
    const video = document.querySelector('video')
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
    const context = canvas.getContext('2d', { willReadFrequently: true })
    const colours = []
    for (const time of times) {
        // The picture may come to the screen after the seek has ended.
        const shown = new Promise(resolve => video.requestVideoFrameCallback(resolve))
        video.currentTime = time
        await Promise.all([event(video, 'seeked'), shown])
        context.drawImage(video, 0, 0, 1, 1)
        colours.push([...context.getImageData(0, 0, 1, 1).data.slice(0, 3)])
    }
    return colours
}

// What is there of a presentation that still grows: its rungs, best first, and its sound; each with `ended`.
async function readGrowing(url) {
    const found = await readHLS(url)
    for (const track of [...found.video, ...found.audio]) track.ended = track.lines.includes('#EXT-X-ENDLIST')
    return found
}

// Starts with the first segments and follows the playlists as they grow, each segment from the best rung that has it.
async function playGrowing(url) {
    const video = document.querySelector('video')
    const seen = watch(video)
    const source = new MediaSource()
    video.src = URL.createObjectURL(source)
    await event(source, 'sourceopen')
    const buffers = {}, next = { video: 0, audio: 0 }, current = {}, holes = [], counts = []
    const finished = new Promise((resolve, reject) => video.addEventListener('error', () => reject(new Error(video.error.message))))
    const grow = async () => {
        for (;;) {
            const found = await readGrowing(new URL(url, location).href)
            counts.push(found.video.length)
            const kinds = ['video', 'audio'].filter(kind => found[kind].length)
            for (const kind of kinds) buffers[kind] ??= source.addSourceBuffer(found[kind][0].mime)
            for (const kind of kinds) {
                for (;;) {
                    const track = found[kind].find(each => each.segments.length > next[kind])
                    if (!track) break
                    if (track.init !== current[kind]) await append(buffers[kind], current[kind] = track.init)
                    await append(buffers[kind], track.segments[next[kind]++])
                    if (buffers[kind].buffered.length !== 1) holes.push([kind, next[kind], ranges(buffers[kind].buffered)])
                }
            }
            if (next.video && video.paused && !video.ended) await video.play()
            if (kinds.every(kind => found[kind].every(each => each.ended))) break
            await new Promise(resolve => setTimeout(resolve, 300))
        }
        source.endOfStream()
        if (!video.ended) await event(video, 'ended')
    }
    await Promise.race([grow(), finished])
    const quality = video.getVideoPlaybackQuality()
    return { ...seen, holes, counts, time: video.currentTime, duration: video.duration, frames: quality.totalVideoFrames,
        corrupted: quality.corruptedVideoFrames, all: ranges(video.buffered) }
}
