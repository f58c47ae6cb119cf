import CFFmpeg
import MediaDomain

/// A few pictures scaled to one size and encoded fast: the first alone, each other from the one before.
struct SampleEncoding {
    /// As they were encoded.
    let pictures: [Frame]
    private let packets: [Packet]

    init(_ pictures: [Frame], size: PictureSize, frameRate: Double) throws(AVError) {
        let scaler = Scaler(width: size.width, height: size.height, purpose: .video)
        var scaled: [Frame] = []
        for picture in pictures { scaled.append(try Frame(sharing: scaler.scale(picture))) }
        self.pictures = scaled
        packets = try Self.encode(scaled, Self.encoder(size, frameRate))
    }

    var cost: ContentComplexity.Cost {
        let others = packets.dropFirst().reduce(0) { $0 + $1.size }
        return ContentComplexity.Cost(
            width: pictures[0].width,
            height: pictures[0].height,
            keyframeBits: (packets.first?.size ?? 0) * 8,
            pictureBits: others * 8 / max(1, packets.count - 1)
        )
    }

    /// How much the last picture looks like what was encoded.
    func similarity() throws(AVError) -> Double {
        let decoder = try Decoder(encodedAs: AV_CODEC_ID_H264)
        var last: Frame?
        for packet in packets {
            try decoder.send(packet)
            while let picture = try decoder.receive() { last = picture }
        }
        try decoder.send(nil)
        while let picture = try decoder.receive() { last = picture }
        guard let last, let original = pictures.last, last.width == original.width, last.height == original.height
        else { return 0 }
        return StructuralSimilarity.ofLuma(last, original)
    }

    private static func encoder(_ size: PictureSize, _ frameRate: Double) throws(AVError) -> Encoder {
        let parameters = ["mbtree=0", "rc-lookahead=0", "sync-lookahead=0", EncoderRecipe.steadyX264]
        let settings = [
            ("preset", "superfast"), ("crf", "\(ContentComplexity.rateFactor)"), ("sc_threshold", "0"),
            ("x264-params", parameters.joined(separator: ":")),
        ]
        return try Encoder("libx264", settings: settings) { context throws(AVError) in
            context.width = Int32(size.width)
            context.height = Int32(size.height)
            context.pix_fmt = AV_PIX_FMT_YUV420P
            context.framerate = av_d2q(frameRate, 60_000)
            context.time_base = av_inv_q(context.framerate)
            context.gop_size = Encoder.endless
            context.max_b_frames = 0
        }
    }

    private static func encode(_ pictures: [Frame], _ encoder: Encoder) throws(AVError) -> [Packet] {
        var packets: [Packet] = []
        for (index, picture) in pictures.enumerated() {
            let own = try Frame(sharing: picture)
            own.time = Int64(index)
            own.pointer.pointee.pict_type = AV_PICTURE_TYPE_NONE
            try encoder.send(own)
            while let packet = try encoder.receive() { packets.append(packet) }
        }
        try encoder.send(nil)
        while let packet = try encoder.receive() { packets.append(packet) }
        return packets
    }
}
