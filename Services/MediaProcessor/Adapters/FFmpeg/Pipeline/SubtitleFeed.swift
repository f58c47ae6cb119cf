import CFFmpeg
import MediaDomain

/// Collects one stream's subtitles.
///
/// Used by one thread. Subtitles are an addition: what cannot be decoded of them is left out and breaks nothing.
final class SubtitleFeed {
    /// The index of the stream that it decodes.
    let stream: Int
    private let rendition: SubtitleRendition
    private let decoder: SubtitleDecoder?
    private let base: AVRational
    private let hidesBraces: Bool
    private var cues = CueList()

    init(_ stream: UnsafeMutablePointer<AVStream>, rendition: SubtitleRendition) {
        self.stream = rendition.stream
        self.rendition = rendition
        base = stream.pointee.time_base
        decoder = try? SubtitleDecoder(stream)
        hidesBraces = [AV_CODEC_ID_ASS, AV_CODEC_ID_SSA].contains(stream.pointee.codecpar.pointee.codec_id)
    }

    /// Takes a packet with times of the presentation.
    func decode(_ packet: Packet) {
        guard let decoder, !cues.isFull, packet.presentationTime != unknownTime else { return }
        let start = base.seconds(packet.presentationTime)
        let end = packet.duration > 0 ? start + base.seconds(packet.duration) : nil
        let texts = decoder.decode(packet).map { SubtitleText.cueText(of: $0, hidesBraces: hidesBraces) }
        for text in texts { cues.add(text, from: start, to: end) }
        if texts.allSatisfy(\.isEmpty) { cues.clear(at: start) }
    }

    /// Stores what came, cut where `track` is.
    func finish(along track: TrackResult, sink: any ArtifactSink) throws(MediaError) -> SubtitleResult {
        try SubtitleWriter(rendition, sink: sink).write(cues.finished(at: track.end), along: track)
    }
}
