import CFFmpeg
import Logging
import Synchronization

/// Sends what libav has to say to a logger, at `debug`: libav itself never writes to standard error.
///
/// libav knows one log for the whole process, so the last logger installed gets it all. Calls come from codec threads too.
enum LibraryLog {
    private static let logger = Mutex<Logger?>(nil)
    private static let complaints = Atomic<Int>(0)

    /// How often the decoders of pictures in this process had something to say so far.
    static var pictureComplaints: Int { complaints.load(ordering: .acquiring) }

    static func install(_ logger: Logger) {
        self.logger.withLock { $0 = logger }
        av_log_set_callback { context, level, format, arguments in
            if level <= AV_LOG_INFO, cffmpeg_decodes_pictures(context) == 1 {
                LibraryLog.complaints.add(1, ordering: .acquiringAndReleasing)
            }
            guard level <= AV_LOG_WARNING, let format, let arguments else { return }
            LibraryLog.record(context, level, format, arguments)
        }
    }

    private static func record(
        _ context: UnsafeMutableRawPointer?,
        _ level: Int32,
        _ format: UnsafePointer<CChar>,
        _ arguments: CVaListPointer
    ) {
        guard let logger = logger.withLock(\.self), logger.logLevel <= .debug else { return }
        var line = [CChar](repeating: 0, count: 512)
        var withPrefix: Int32 = 1
        av_log_format_line2(context, level, format, arguments, &line, Int32(line.count), &withPrefix)
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        logger.debug(
            "libav warned",
            metadata: ["libav.message": "\(text.trimmingSuffix { $0.isNewline })", "libav.level": "\(level)"]
        )
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var end = endIndex
        while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }
}
