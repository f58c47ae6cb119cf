import Foundation
import Glibc
import MediaDomain
import MediaTesting
import Testing

@testable import MediaFFmpeg

/// Files that name other files and addresses: none is opened, whatever they call themselves.
@Suite(.timeLimit(.minutes(2))) struct ReferringFilesTests {
    private let workplace: Workplace
    private let canary: Canary

    init() throws {
        workplace = try Workplace()
        canary = try Canary()
    }

    private func reason(_ path: String) -> MediaError.Reason? {
        do {
            _ = try Transcode(path)
            return nil
        } catch {
            return (error as? MediaError)?.reason
        }
    }

    private static let scripts = [
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nURL\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"URL\"\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nURL\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nURL\n",
        "ffconcat version 1.0\nfile 'URL'\n",
        "ffconcat version 1.0\nfile 'subfile,,start,0,end,100,,:FILE'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video PORT RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "<?xml version=\"1.0\"?>\n<MPD><Period><AdaptationSet><Representation><BaseURL>URL</BaseURL></Representation>"
            + "</AdaptationSet></Period></MPD>\n",
        "[playlist]\nFile1=URL\nNumberOfEntries=1\n",
        "<asx version=\"3.0\"><entry><ref href=\"URL\"/></entry></asx>\n",
        "RTSPtextRTSP://127.0.0.1:PORT/x\n",
        "[Reference]\nRef1=URL\n",
        "# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 0\n",
        "AviSource(\"FILE\")\n",
    ]

    @Test(arguments: scripts) func `a script that is called a film is no media`(script: String) throws {
        let target = try workplace.make("target.ts", Clip.pictures("64x64", seconds: 1) + Clip.h264)
        for address in ["http://127.0.0.1:\(canary.port)/x.ts", "tcp://127.0.0.1:\(canary.port)", target] {
            let text = script.replacing("URL", with: address).replacing("FILE", with: target)
            let path = try workplace.write(text.replacing("PORT", with: "\(canary.port)").utf8, as: "film.mp4")
            #expect(reason(path) == .notMedia)
        }
        #expect(canary.takeConnections() == 0)
    }

    @Test(arguments: ["url ", "alis"]) func `samples that lie in another file are not fetched`(type: String) throws {
        let whole = try workplace.make("whole.mov", Clip.pictures("64x64", seconds: 1) + Clip.h264)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        // The samples themselves are gone from this file: only the other one has them.
        let media = try #require(bytes.range(of: Data("mdat".utf8)))
        let length = bytes[media.lowerBound - 4..<media.lowerBound].reduce(0) { $0 << 8 | Int($1) }
        bytes.replaceSubrange(media.upperBound..<media.lowerBound - 4 + length, with: Data(count: length - 8))
        for address in [whole, "http://127.0.0.1:\(canary.port)/whole.mov"] {
            let path = try workplace.write(Self.referring(bytes, to: address, type), as: "referring.mov")
            #expect(reason(path) == .decodeFailed)
        }
        #expect(canary.takeConnections() == 0)
    }

    @Test func `a segment that is linked to others stands alone`() throws {
        let file = Matroska.file { segment in
            segment.add(0x1549_A966) { info in
                info.add(0x2AD7B1, 1_000_000 as UInt64)
                info.add(0x3E83BB, "http://127.0.0.1:\(canary.port)/next.mkv")
                info.add(0x3C83AB, workplace.path("previous.mkv"))
                info.add(0x3EB923, [UInt8](repeating: 9, count: 16))
            }
            segment.add(0x1654_AE6B) { $0.addTrack(1) }
        }
        #expect(try reason(workplace.write(file, as: "linked.mkv")) != nil)
        #expect(canary.takeConnections() == 0)
    }

    /// The file with its data references, which are last in it as everything in `moov` is, naming another.
    private static func referring(_ bytes: Data, to address: String, _ type: String) -> Data {
        let content = [0, 0, 0, 0] + Array(address.utf8) + [0]
        let reference = box(type, content)
        return rewritten(bytes, path: ["moov", "trak", "mdia", "minf", "dinf", "dref"]) { _ in
            Data([0, 0, 0, 0, 0, 0, 0, 1]) + reference
        }
    }

    private static func box(_ type: String, _ content: some Collection<UInt8>) -> Data {
        let size = UInt32(8 + content.count)
        return Data((0..<4).reversed().map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) }) + Data(type.utf8)
            + Data(content)
    }

    /// Replaces the content of every box at `path`, and tells those around it their new sizes.
    private static func rewritten(_ bytes: Data, path: [String], _ change: (Data) -> Data) -> Data {
        var result = Data()
        var rest = Data(bytes)
        while rest.count >= 8 {
            let size = min(rest.count, max(8, rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }))
            let type = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
            let content = Data(rest.prefix(size).dropFirst(8))
            if type == path.first {
                let inner =
                    path.count == 1 ? change(content) : rewritten(content, path: Array(path.dropFirst()), change)
                result += box(type, inner)
            } else {
                result += rest.prefix(size)
            }
            rest = Data(rest.dropFirst(size))
        }
        return result + rest
    }
}
