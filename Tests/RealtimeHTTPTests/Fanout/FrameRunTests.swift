import NIOCore
import Testing

@testable import RealtimeHTTP

struct FrameRunTests {
    private func run(_ texts: String...) -> FrameRun {
        let run = FrameRun()
        for text in texts { #expect(run.append(ByteBuffer(string: text))) }
        return run
    }

    @Test func `some of the frames are had in one piece`() {
        let run = run("a", "bc", "d")
        #expect(run.bytes(of: 0..<3) == ByteBuffer(string: "abcd"))
        #expect(run.bytes(of: 1..<3) == ByteBuffer(string: "bcd"))
        #expect(run.bytes(of: 2..<3) == ByteBuffer(string: "d"))
    }

    @Test func `what was joined before is not what comes after`() {
        let run = run("a", "b")
        #expect(run.bytes(of: 0..<2) == ByteBuffer(string: "ab"))
        #expect(run.append(ByteBuffer(string: "c")))
        #expect(run.bytes(of: 0..<3) == ByteBuffer(string: "abc"))
    }

    @Test func `it takes so many bytes and no more`() {
        let run = run("a")
        #expect(run.append(ByteBuffer(repeating: 1, count: 32_767)))
        #expect(!run.append(ByteBuffer(repeating: 1, count: 1)))
        #expect(run.count == 2)
    }
}
