import Foundation
import NIOCore
import RealtimeHTTP
import RealtimeTesting
import SocketIO
import Testing

/// What a client knows by which it comes back.
struct Place {
    var sid = ""
    var pid = ""
    var offset = ""

    var claim: String { #"{"pid":"\#(pid)","offset":"\#(offset)"}"# }
    var greeting: String { #"40/busy,{"sid":"\#(sid)","pid":"\#(pid)"}"# }
}

/// A client that loses its connection, for tests of what becomes of it.
protocol ReturningClient {}

extension ReturningClient {
    /// The elements of `42/busy,[...]` but for the offset, which the place keeps.
    func read(_ received: WireClient.Received, _ place: inout Place) -> [String] {
        let text = "\(received)"
        guard let start = text.firstIndex(of: "["),
            let array = try? JSONSerialization.jsonObject(with: Data(text[start...].utf8)) as? [Any],
            let offset = array.last as? String
        else { return [text] }
        #expect(offset.utf8.count == 16 || offset.utf8.count == 22)
        place.offset = offset
        return array.dropLast().map { "\($0)" }
    }

    func connect(_ client: WireClient) async throws -> Place {
        try await client.send("40/busy,")
        let text = "\(await client.next())"
        let object = try JSONSerialization.jsonObject(with: Data(text.dropFirst(8).utf8)) as? [String: String]
        var place = Place(sid: object?["sid"] ?? "", pid: object?["pid"] ?? "")
        #expect(place.sid.utf8.count == 20 && place.pid.utf8.count == 20 && place.sid != place.pid)
        #expect(read(await client.next(), &place) == ["hello", "a b", "/busy"])
        return place
    }

    func join(_ client: WireClient, _ topic: String) async throws {
        try await client.send(#"42/busy,1["join","\#(topic)"]"#)
        #expect("\(await client.next())".hasPrefix("43/busy,1["))
    }

    /// Connects a client that is on `room:1`, and waits until the server has seen it go.
    func lose(_ bench: SocketBench, saying last: String? = nil) async throws -> Place {
        try await bench.connected("/busy") { witness in
            try await join(witness, "reasons:1")
            let place = try await bench.connection { client in
                var place = try await connect(client)
                try await join(client, "room:1")
                bench.publish("room:1", "n", .text("0"))
                #expect(read(await client.next(), &place) == ["n", "0"])
                if let last { try await client.send(last) }
                return place
            }
            #expect("\(await witness.next())".contains("gone"))
            return place
        }
    }
}
