import CFFmpeg
import MediaDomain

/// The poster of sound alone: its cover, or a picture of its waveform.
struct SoundPoster {
    let job: TranscodeJob

    /// Stores the poster, which is the only thumbnail too.
    ///
    /// - Returns: How many thumbnails there are now.
    func write(_ waveform: Waveform) throws(MediaError) -> Int {
        let (width, height) = (job.plan.thumbnailWidth, job.plan.thumbnailHeight)
        guard width > 0, height > 0 else { return 0 }
        let cover = cover(width, height)
        let file = try failing(as: .encodeFailed) { () throws(AVError) in
            let picture =
                if let cover { cover } else { try WaveformPicture(width: width, height: height).draw(waveform) }
            return try StillEncoder.encode(picture)
        }
        try job.sink.store(file, as: OutputLayout.poster)
        try job.sink.store(file, as: OutputLayout.thumbnail(1))
        return 1
    }

    /// `nil` if there is none, or none that can be decoded: that is no reason to have no poster.
    private func cover(_ width: Int, _ height: Int) -> Frame? {
        guard let cover = job.source.cover, let input = try? job.open() else { return nil }
        // The stream is the input's.
        return withExtendedLifetime(input) {
            let picture = try? Self.decode(input.stream(cover.index))
            return picture.flatMap { try? Scaler(width: width, height: height, purpose: .still).scale($0) }
        }
    }

    private static func decode(_ stream: UnsafeMutablePointer<AVStream>) throws(AVError) -> Frame? {
        let packet = try Packet()
        try check(av_packet_ref(packet.pointer, &stream.pointee.attached_pic), "av_packet_ref")
        let decoder = try Decoder(stream)
        try decoder.send(packet)
        try decoder.send(nil)
        return try decoder.receive()
    }
}
