import CFFmpeg

/// A piece of compressed data: owns one AVPacket.
final class Packet {
    let pointer: UnsafeMutablePointer<AVPacket>
    /// Whether the times of its stream jumped since the packet before.
    var followsJump = false

    init() throws(AVError) {
        pointer = try allocated(av_packet_alloc(), "av_packet_alloc")
    }

    deinit {
        var owned: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&owned)
    }

    var streamIndex: Int { Int(pointer.pointee.stream_index) }
    var size: Int { Int(pointer.pointee.size) }
    /// A copy: the data is gone with the packet.
    var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: pointer.pointee.data, count: size)) }
    var isKeyframe: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
    /// Whether the demuxer says that a part of it is missing.
    var isCorrupt: Bool { pointer.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 }

    var presentationTime: Int64 {
        get { pointer.pointee.pts }
        set { pointer.pointee.pts = newValue }
    }
    var decodeTime: Int64 {
        get { pointer.pointee.dts }
        set { pointer.pointee.dts = newValue }
    }
    var duration: Int64 {
        get { pointer.pointee.duration }
        set { pointer.pointee.duration = newValue }
    }
}
