import Glibc
import ObjectStorage

/// A pipe, both ends closed on exec and above the numbers that a child is given.
struct Pipe {
    let readEnd: OpenFile
    let writeEnd: OpenFile

    init?() {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return nil }
        let originals = ends.map(OpenFile.init(owning:))
        guard let readEnd = originals[0].movedUp, let writeEnd = originals[1].movedUp else { return nil }
        self.readEnd = readEnd
        self.writeEnd = writeEnd
    }
}

extension OpenFile {
    /// The same open file under a number of 10 or more, where giving a child its own numbers cannot hit it.
    fileprivate var movedUp: OpenFile? {
        let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 10)
        return moved >= 0 ? OpenFile(owning: moved) : nil
    }

    /// A second holder of the same open file, for handing to a child.
    var duplicate: OpenFile? { movedUp }

    /// Reads what is there; empty at the end, `nil` if it failed.
    func readSome() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { return Array(buffer.prefix(count)) }
            if errno != EINTR { return nil }
        }
    }

    /// Writes all; `false` if the other end has gone.
    @discardableResult
    func writeAll(_ bytes: [UInt8]) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
