import CFFmpeg
import DequeModule
import MediaDomain

/// Encodes one rung: closed groups of pictures that start where the caller says, and nowhere else.
final class VideoEncoder {
    /// `nil` only from one group to the next.
    private var current: Encoder?
    private let recipe: EncoderRecipe
    private let open: () throws(AVError) -> Encoder
    /// Parameter sets, the same for every group.
    private let header: [UInt8]
    /// What an encoder had left when its group was over.
    private var rest: Deque<Packet> = []
    private var hasPictures = false
    /// RFC 6381.
    let codecs: String
    /// How many pictures a decoder must have before it can show the first one.
    let reordering: Int64

    /// - Parameter continues: Whether pictures that another encoder makes come before.
    init(_ rung: Rung, clock: PictureClock, colors: PictureColors, continues: Bool) throws(AVError) {
        let recipe = EncoderRecipe(rung, clock: clock)
        func open() throws(AVError) -> Encoder {
            if rung.codec == .av1 { cffmpeg_refuse_realtime() }
            return try Encoder(recipe.encoder, settings: recipe.settings) { context throws(AVError) in
                Self.configure(&context, rung, clock, colors)
                // What came before may have emptied the decoder's buffer; nobody knows here.
                if continues { context.rc_initial_buffer_occupancy = context.rc_buffer_size / 2 }
            }
        }
        self.recipe = recipe
        self.open = open
        let encoder = try open()
        current = encoder
        header = encoder.header
        let told = Int(encoder.context.pointee.has_b_frames)
        // libavcodec's x265 does not tell.
        reordering = Int64(rung.codec == .hevc ? max(told, NALUnit.hevcReordering(header)) : told)
        guard let codecs = CodecsString.pictures(rung.codec, header: header) else {
            throw AVError(code: AVError.invalidData, call: "reading the header of \(recipe.encoder)")
        }
        self.codecs = codecs
    }

    /// The encoder under way; any of them tells a muxer what the track is.
    var encoder: Encoder {
        guard let current else { preconditionFailure("asked between two groups of pictures") }
        return current
    }

    private static func configure(
        _ context: inout AVCodecContext,
        _ rung: Rung,
        _ clock: PictureClock,
        _ colors: PictureColors
    ) {
        context.width = Int32(rung.width)
        context.height = Int32(rung.height)
        context.pix_fmt = AV_PIX_FMT_YUV420P
        context.sample_aspect_ratio = AVRational(num: 1, den: 1)
        context.time_base = .ticks(clock.timescale)
        context.framerate = clock.frameRate
        context.gop_size = Encoder.endless
        context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | Int32(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
        context.rc_max_rate = Int64(rung.maxBitrate)
        context.rc_buffer_size = Int32(clamping: rung.bufferSize)
        context.color_range = AVCOL_RANGE_MPEG
        context.color_primaries = AVColorPrimaries(UInt32(clamping: colors.primaries))
        context.color_trc = AVColorTransferCharacteristic(UInt32(clamping: colors.transfer))
        context.colorspace = AVColorSpace(UInt32(clamping: colors.matrix))
        context.chroma_sample_location = AVChromaLocation(UInt32(clamping: colors.chroma))
    }

    /// Takes a picture, to be shown at its slot's time: ticks of the clock.
    func send(_ picture: Frame, _ slot: Slot) throws(AVError) {
        if slot.isKeyframe, hasPictures, recipe.isForOneGroup { try startGroup() }
        // The frame may be shared with other rungs: what we say about it goes on a reference of our own.
        let own = try Frame(sharing: picture)
        own.time = slot.time
        own.pointer.pointee.pict_type = slot.pictureType
        try encoder.send(own)
        hasPictures = true
    }

    /// Takes the end: what is left comes out.
    func finish() throws(AVError) { try encoder.send(nil) }

    /// The next packet; `nil` when another picture is needed, or at the end.
    func receive() throws(AVError) -> Packet? {
        if let packet = rest.popFirst() { return packet }
        return try encoder.receive()
    }

    /// Ends the group under way, and opens another encoder for the next.
    private func startGroup() throws(AVError) {
        try encoder.send(nil)
        while let packet = try encoder.receive() { rest.append(packet) }
        // The old one goes first: together they would take twice the memory.
        current = nil
        let next = try open()
        current = next
        guard next.header == header else {
            throw AVError(code: AVError.invalidData, call: "\(recipe.encoder) changed its header")
        }
    }
}

extension Slot {
    fileprivate var pictureType: AVPictureType {
        if isKeyframe { return AV_PICTURE_TYPE_I }
        return switch isBidirectional {
        case true?: AV_PICTURE_TYPE_B
        case false?: AV_PICTURE_TYPE_P
        case nil: AV_PICTURE_TYPE_NONE
        }
    }
}
