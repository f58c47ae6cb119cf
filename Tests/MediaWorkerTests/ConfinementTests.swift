import Foundation
import Glibc
import MediaTesting
import Testing

/// Looks at the walls around a worker from inside of them.
@Suite(.timeLimit(.minutes(2)))
struct ConfinementTests {
    private let folder: TemporaryFolder
    private let canary: Canary

    init() throws {
        folder = try TemporaryFolder()
        canary = try Canary()
    }

    /// What came of every way out, by its name: an error number, or 0 if it leads out.
    private func escape(behind wall: String) throws -> [String: Int32] {
        let lines = try ProbeProcess(["escape", wall, "\(canary.port)", folder.path]).lines
        let pairs = lines.map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0[1], Int32($0[0]) ?? -1) })
    }

    @Test func `without walls every way leads out`() throws {
        let ways = try escape(behind: "none")
        #expect(ways.count == 22)
        #expect(ways.filter { $0.value != 0 } == [:])
        #expect(canary.takeConnections() == 1)
    }

    @Test func `behind both walls no way leads out`() throws {
        let ways = try escape(behind: "both")
        #expect(ways.count == 22)
        #expect(ways.filter { $0.value == 0 } == [:])
        #expect(canary.takeConnections() == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func `the filter of system calls holds alone`() throws {
        let ways = try escape(behind: "seccomp")
        #expect(Set(ways.values) == [EPERM])
        #expect(canary.takeConnections() == 0)
    }

    @Test func `Landlock alone takes files and TCP away`() throws {
        let ways = try escape(behind: "landlock")
        let files = [
            "read a file", "write a file", "write below an open folder", "read its own memory as a file",
            "list a folder",
            "make a folder", "make a link", "connect a socket that it inherited", "bind a socket that it inherited",
        ]
        #expect(files.filter { ways[$0] != EACCES } == [])
        #expect(canary.takeConnections() == 0)
    }

    @Test(arguments: ["execute", "trace"])
    func `what only an intruder asks for ends the process`(call: String) throws {
        let probe = try ProbeProcess([call])
        #expect(probe.signal == SIGSYS)
    }

    @Test(arguments: [
        "libx264", "libx265", "libsvtav1", "libaom-av1", "aac", "libopus", "mjpeg", "png", "libwebp",
    ])
    func `an encoder with all its threads works behind the walls`(encoder: String) throws {
        let last = try #require(try ProbeProcess(["encode", encoder]).lines.last)
        #expect(try #require(Int(last)) >= 12)
    }

    @Test(arguments: [
        "zscale=w=160:h=90", "scale=160:90", "yadif", "bwdif",
        """
        setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc,zscale=t=linear:npl=100,\
        format=gbrpf32le,zscale=p=bt709,tonemap=hable,zscale=t=bt709:m=bt709:r=tv,format=yuv420p
        """,
    ])
    func `a filter works behind the walls`(chain: String) throws {
        let last = try #require(try ProbeProcess(["filter", chain]).lines.last)
        // Deinterlacers keep one picture back.
        #expect(try #require(Int(last)) >= 11)
    }
}
