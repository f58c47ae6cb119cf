import CFFmpeg
import Glibc
import MediaDomain

/// A libav call that failed.
struct AVError: Error, Hashable, CustomStringConvertible {
    static let again = cffmpeg_averror(EAGAIN)
    static let endOfFile = cffmpeg_averror_eof()
    static let invalidData = cffmpeg_averror_invaliddata()
    static let noMemory = cffmpeg_averror(ENOMEM)
    static let invalidArgument = cffmpeg_averror(EINVAL)

    let code: Int32
    /// What was asked of the library.
    let call: String

    var description: String {
        var text = [CChar](repeating: 0, count: Int(AV_ERROR_MAX_STRING_SIZE))
        av_strerror(code, &text, text.count)
        return "\(call): \(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))"
    }

    /// The same failure as the domain tells it.
    func reported(as reason: MediaError.Reason) -> MediaError {
        // A job has the same memory whenever it is tried.
        code == Self.noMemory
            ? MediaError(.tooLarge, "the file needs more memory than one job has (\(description))")
            : MediaError(reason, description)
    }
}

/// Throws what libav's return value says; values from 0 up pass.
@discardableResult
func check(_ code: Int32, _ call: @autoclosure () -> String) throws(AVError) -> Int32 {
    guard code >= 0 else { throw AVError(code: code, call: call()) }
    return code
}

/// Unwraps what an allocating libav call returned.
func allocated<Value>(_ value: Value?, _ call: String) throws(AVError) -> Value {
    guard let value else { throw AVError(code: AVError.noMemory, call: call) }
    return value
}

/// Runs libav calls whose failure means `reason`.
func failing<Value>(
    as reason: MediaError.Reason,
    _ body: () throws(AVError) -> Value
) throws(MediaError) -> Value {
    do throws(AVError) {
        return try body()
    } catch {
        throw error.reported(as: reason)
    }
}
