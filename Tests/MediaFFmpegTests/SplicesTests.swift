import Testing

@testable import MediaFFmpeg

struct SplicesTests {
    /// What each (stream, time) is moved to, in milliseconds.
    private func moved(_ packets: [(Int, Int64)]) -> [Int64] {
        var splices = Splices()
        return packets.map { stream, time in time - splices.shift(for: time * 1000, of: stream) / 1000 }
    }

    @Test func `times that go on are left alone`() {
        let packets: [(Int, Int64)] = [(0, 100), (1, 90), (0, 140), (1, 110), (0, 180), (1, 700), (0, 220), (0, 9000)]
        #expect(moved(packets) == packets.map(\.1))
    }

    @Test func `times that start anew go on where they were`() {
        #expect(moved([(0, 3000), (0, 3040), (0, 1400), (0, 1440)]) == [3000, 3040, 3080, 3120])
    }

    @Test func `streams jump together, and the last packet before the jump stays where it was`() {
        let packets: [(Int, Int64)] = [
            (0, 3000), (1, 3000), (0, 3040), (1, 3020), (0, 1000), (1, 3040), (1, 1010), (0, 1040), (1, 1030),
        ]
        #expect(moved(packets) == [3000, 3000, 3040, 3020, 3080, 3040, 3090, 3120, 3110])
    }

    @Test func `a jump ahead is closed`() {
        #expect(moved([(0, 0), (1, 0), (0, 40), (0, 60_000), (1, 60_000), (0, 60_040)]) == [0, 0, 40, 80, 80, 120])
    }

    @Test func `a stream that pauses alone does not jump`() {
        let packets = (0..<40).map { (0, Int64($0) * 1000) }
        #expect(moved([(1, 0)] + packets + [(1, 39_000)]) == [0] + packets.map(\.1) + [39_000])
    }
}
