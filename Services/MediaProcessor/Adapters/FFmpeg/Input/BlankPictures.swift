import CFFmpeg
import Glibc

/// Pictures that are black until a decoder fills them.
///
/// Decoders leave out what is damaged. What then lies in a picture's memory is what some other picture, or none, left there: it
/// comes out otherwise each time.
enum BlankPictures {
    /// To be called before the decoder is opened.
    static func prepare(_ context: UnsafeMutablePointer<AVCodecContext>) {
        // This one makes up for what it leaves out, and may have several threads, which would wait for each other here.
        guard context.pointee.codec_id != AV_CODEC_ID_H264 else { return }
        context.pointee.get_buffer2 = { context, frame, flags in
            let code = avcodec_default_get_buffer2(context, frame, flags)
            if code >= 0, let context, let frame, frame.pointee.width > 0 { BlankPictures.blank(frame, context) }
            return code
        }
    }

    private static func blank(_ frame: UnsafeMutablePointer<AVFrame>, _ context: UnsafeMutablePointer<AVCodecContext>) {
        if fillBlack(frame, context) { return }
        // A format that has no black of its own, such as one with a palette.
        withUnsafeBytes(of: frame.pointee.buf) { raw in
            for buffer in raw.bindMemory(to: UnsafeMutablePointer<AVBufferRef>?.self) {
                if let buffer { memset(buffer.pointee.data, 0, buffer.pointee.size) }
            }
        }
    }

    private static func fillBlack(
        _ frame: UnsafeMutablePointer<AVFrame>,
        _ context: UnsafeMutablePointer<AVCodecContext>
    ) -> Bool {
        var (width, height) = (frame.pointee.width, frame.pointee.height)
        var alignment = [Int32](repeating: 0, count: Int(AV_NUM_DATA_POINTERS))
        // Blocks reach beyond what is shown, and later pictures refer to them.
        avcodec_align_dimensions2(context, &width, &height, &alignment)
        let lines = frame.pointee.linesize
        let strides = [lines.0, lines.1, lines.2, lines.3].map { Int($0) }
        var planes = [frame.pointee.data.0, frame.pointee.data.1, frame.pointee.data.2, frame.pointee.data.3]
        let format = AVPixelFormat(frame.pointee.format)
        return av_image_fill_black(&planes, strides, format, frame.pointee.color_range, width, height) >= 0
    }
}
