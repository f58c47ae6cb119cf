import EventSchema

/// Who is present on one topic, and what has changed since others were last told.
///
/// Each user has one meta per device. Changes gather until ``takeDiff()``; who came and went in between is not mentioned.
package struct PresenceRoom: Sendable {
    private typealias Metas = [String: [PresenceMeta]]

    private var present: Metas = [:]
    private var joins: Metas = [:]
    private var leaves: Metas = [:]

    package init() {}

    package var isEmpty: Bool { present.isEmpty }
    package var hasChanges: Bool { !joins.isEmpty || !leaves.isEmpty }
    /// How many devices are there.
    package var count: Int { present.values.reduce(0) { $0 + $1.count } }

    package mutating func join(_ key: String, _ meta: PresenceMeta) {
        present[key, default: []].append(meta)
        joins[key, default: []].append(meta)
    }

    package mutating func leave(_ key: String, _ ref: String) {
        guard let meta = Self.take(ref, of: key, from: &present) else { return }
        // Nobody has heard of it yet.
        if Self.take(ref, of: key, from: &joins) != nil { return }
        leaves[key, default: []].append(meta)
    }

    private static func take(_ ref: String, of key: String, from metas: inout Metas) -> PresenceMeta? {
        guard let index = metas[key]?.firstIndex(where: { $0.ref == ref }) else { return nil }
        let meta = metas[key]?.remove(at: index)
        if metas[key]?.isEmpty == true { metas[key] = nil }
        return meta
    }

    // MARK: Telling others

    /// The changes as a `presence_diff`, which are then forgotten; `nil` if there are none.
    package mutating func takeDiff() -> [UInt8]? {
        guard hasChanges else { return nil }
        var text = Array(#"{"joins":"#.utf8)
        Self.write(joins, \.arrival, to: &text)
        text += #","leaves":"#.utf8
        Self.write(leaves, \.departure, to: &text)
        text.append(UInt8(ascii: "}"))
        joins = [:]
        leaves = [:]
        return text
    }

    /// Users who have come, with what their first device shows, and users who have gone with their last one, since the last
    /// diff was taken.
    package var changedUsers: (arrived: [String: [UInt8]], gone: [String]) {
        let arrived = joins.filter { leaves[$0.key] == nil && present[$0.key]?.count == $0.value.count }
        return (arrived.compactMapValues(\.first?.arrival), leaves.keys.filter { present[$0] == nil })
    }

    /// Everybody who is there, as a `presence_state`.
    package var state: [UInt8] {
        var text: [UInt8] = []
        Self.write(present, \.arrival, to: &text)
        return text
    }

    private static func write(_ metas: Metas, _ encoding: KeyPath<PresenceMeta, [UInt8]>, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        for (index, key) in metas.keys.sorted().enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += JSONValue.string(key).encoded
            text += #":{"metas":["#.utf8
            for (index, meta) in (metas[key] ?? []).enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                text += meta[keyPath: encoding]
            }
            text += "]}".utf8
        }
        text.append(UInt8(ascii: "}"))
    }
}
