/// Cuts a stream of bytes into lines of bounded length.
struct LineBuffer {
    /// A description of the longest asset has some 10 KB.
    private static let maximumLength = 256 << 10

    private var pending: [UInt8] = []

    /// Takes bytes, gives the lines that they complete; `nil` once a line is longer than any of ours.
    mutating func append(_ bytes: [UInt8]) -> [[UInt8]]? {
        pending += bytes
        var lines = pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        pending = lines.popLast() ?? []
        return pending.count <= Self.maximumLength ? lines : nil
    }
}
