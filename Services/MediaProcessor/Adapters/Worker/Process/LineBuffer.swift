/// Cuts a stream of bytes into lines of bounded length.
struct LineBuffer {
    private let maximumLength: Int
    private var pending: [UInt8] = []

    /// - Parameter maximumLength: Bytes; a child's largest line is a part's, with the pictures of a storyboard's sheet, a hundred of
    ///   68 KB at most, and 200 bytes for each segment: of a source that cannot be read from the middle, those of half a day.
    init(maximumLength: Int = 64 << 20) { self.maximumLength = maximumLength }

    /// Takes bytes, gives the lines that they complete; `nil` once a line is longer than any of ours.
    mutating func append(_ bytes: [UInt8]) -> [[UInt8]]? {
        pending += bytes
        guard bytes.contains(UInt8(ascii: "\n")) else { return pending.count <= maximumLength ? [] : nil }
        var lines = pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        pending = lines.popLast() ?? []
        return pending.count <= maximumLength ? lines : nil
    }
}
