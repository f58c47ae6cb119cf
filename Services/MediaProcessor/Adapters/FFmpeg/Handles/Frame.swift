import CFFmpeg

/// A decoded picture or a block of sound: owns one AVFrame, whose data libav counts references to.
///
/// `@unchecked Sendable`: the thread that made it writes it before handing it on; from then on everybody only reads.
final class Frame: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVFrame>

    init() throws(AVError) {
        pointer = try allocated(av_frame_alloc(), "av_frame_alloc")
    }

    /// Another frame over the same data, with times of its own.
    init(sharing other: Frame) throws(AVError) {
        pointer = try allocated(av_frame_clone(other.pointer), "av_frame_clone")
    }

    /// A picture whose data is new and unset.
    convenience init(width: Int, height: Int, format: AVPixelFormat) throws(AVError) {
        try self.init()
        pointer.pointee.width = Int32(width)
        pointer.pointee.height = Int32(height)
        pointer.pointee.format = format.rawValue
        try check(av_frame_get_buffer(pointer, 0), "av_frame_get_buffer")
    }

    /// Silence of `count` samples in the format that `other` has.
    convenience init(silence count: Int, like other: Frame) throws(AVError) {
        try self.init()
        let sample = AVSampleFormat(other.pointer.pointee.format)
        pointer.pointee.format = other.pointer.pointee.format
        pointer.pointee.sample_rate = other.pointer.pointee.sample_rate
        pointer.pointee.nb_samples = Int32(count)
        let layout = av_channel_layout_copy(&pointer.pointee.ch_layout, &other.pointer.pointee.ch_layout)
        try check(layout, "av_channel_layout_copy")
        try check(av_frame_get_buffer(pointer, 0), "av_frame_get_buffer")
        let channels = pointer.pointee.ch_layout.nb_channels
        av_samples_set_silence(pointer.pointee.extended_data, 0, Int32(count), channels, sample)
    }

    deinit {
        var owned: UnsafeMutablePointer<AVFrame>? = pointer
        av_frame_free(&owned)
    }

    /// In the time base that its owner agreed on.
    var time: Int64 {
        get { pointer.pointee.pts }
        set { pointer.pointee.pts = newValue }
    }
    var width: Int { Int(pointer.pointee.width) }
    var height: Int { Int(pointer.pointee.height) }
    var pixelFormat: AVPixelFormat { AVPixelFormat(pointer.pointee.format) }
    var sampleCount: Int { Int(pointer.pointee.nb_samples) }
    var sampleRate: Int { Int(pointer.pointee.sample_rate) }
    var isInterlaced: Bool { cffmpeg_frame_is_interlaced(pointer) != 0 }
}
