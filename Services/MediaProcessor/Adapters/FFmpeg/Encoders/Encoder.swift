import CFFmpeg
import Foundation

/// An opened encoder: owns its AVCodecContext.
///
/// Used by one thread.
final class Encoder {
    /// The size of a group of pictures where none begins but those that are asked for.
    static let endless: Int32 = 1 << 30

    /// Held while an encoder of SVT-AV1 is opened or closed: each sets up, or frees, a table of processors that all of them share.
    private static let sharedTable = NSLock()

    let context: UnsafeMutablePointer<AVCodecContext>
    private let sharesTable: Bool

    /// Opens the encoder called `name` after `configure` has set its fields; `settings` are those with names.
    init(
        _ name: String,
        settings: [(name: String, value: String)] = [],
        configure: (inout AVCodecContext) throws(AVError) -> Void
    ) throws(AVError) {
        guard let codec = avcodec_find_encoder_by_name(name) else {
            throw AVError(code: AVError.invalidArgument, call: "this FFmpeg has no encoder '\(name)'")
        }
        sharesTable = name == "libsvtav1"
        context = try allocated(avcodec_alloc_context3(codec), "avcodec_alloc_context3")
        // From here on `deinit` frees, also when this throws.
        // One thread makes the same bytes each time and costs least: the renditions are what runs in parallel.
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        try configure(&context.pointee)
        var options = try Options(settings)
        try options.consume("opening \(name)") { options in alone { avcodec_open2(context, codec, options) } }
    }

    deinit {
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        alone { avcodec_free_context(&owned) }
    }

    private func alone<Value>(_ work: () -> Value) -> Value {
        sharesTable ? Self.sharedTable.withLock(work) : work()
    }

    /// Takes a frame, or the end (`nil`).
    func send(_ frame: Frame?) throws(AVError) {
        try check(avcodec_send_frame(context, frame?.pointer), "avcodec_send_frame")
    }

    /// The next packet; `nil` when another frame is needed, or at the end.
    func receive() throws(AVError) -> Packet? {
        let packet = try Packet()
        let code = avcodec_receive_packet(context, packet.pointer)
        if code == AVError.again || code == AVError.endOfFile { return nil }
        try check(code, "avcodec_receive_packet")
        return packet
    }

    /// The codec's own header: parameter sets or AudioSpecificConfig.
    var header: [UInt8] {
        Array(UnsafeRawBufferPointer(start: context.pointee.extradata, count: Int(context.pointee.extradata_size)))
    }
}
