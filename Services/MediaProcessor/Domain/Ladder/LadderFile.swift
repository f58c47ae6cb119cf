/// Reads a ladder from a JSON file.
///
///     {"rungs": [
///       {"short_side": 1080, "max_bitrate": 5000000},
///       {"short_side": 480, "max_bitrate": 900000, "crf": 26, "preset": "fast", "name": "small"}
///     ]}
package enum LadderFile {
    /// Bytes of a file at most.
    package static let sizeLimit = 64 << 10

    private static let mostSteps = 24

    /// - Throws: ``LadderFileError`` with the line and the field of the first mistake.
    package static func parse(_ bytes: [UInt8]) throws(LadderFileError) -> Ladder {
        guard bytes.count <= sizeLimit else { throw LadderFileError(line: nil, "the file is larger than 64 KiB") }
        let document = try LocatedJSON(parsing: bytes)
        guard case .object(let members) = document.value else {
            throw LadderFileError(line: document.line, "expected an object with 'rungs'")
        }
        if let other = members.first(where: { $0.name != "rungs" }) {
            throw LadderFileError(line: other.line, "'\(other.name)': unknown field (expected 'rungs')")
        }
        guard members.count == 1, case .array(let elements) = members[0].value.value else {
            throw LadderFileError(line: document.line, "expected one field 'rungs' with a list")
        }
        guard (1...mostSteps).contains(elements.count) else {
            throw LadderFileError(line: members[0].line, "rungs: expected 1 to \(mostSteps) rungs")
        }
        return Ladder(try steps(elements))
    }

    private static func steps(_ elements: [LocatedJSON]) throws(LadderFileError) -> [LadderStep] {
        var steps: [LadderStep] = []
        for (index, element) in elements.enumerated() {
            let step = try LadderStepFields(element, path: "rungs[\(index)]").step()
            if steps.contains(where: { $0.folderName == step.folderName }) {
                let hint = step.name == nil ? "; give one of them a 'name'" : ""
                let message = "rungs[\(index)]: another rung is called '\(step.folderName)' too\(hint)"
                throw LadderFileError(line: element.line, message)
            }
            steps.append(step)
        }
        return steps
    }
}

/// What is wrong with a ladder file, for the person who wrote it.
package struct LadderFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// From 1; `nil` where it is the file as a whole.
    package let line: Int?
    package let message: String

    init(line: Int?, _ message: String) {
        self.line = line
        self.message = message
    }

    package var description: String { line.map { "line \($0): \(message)" } ?? message }
}

/// The fields of one rung in a file.
private struct LadderStepFields {
    private static let names = ["short_side", "max_bitrate", "crf", "preset", "codec", "name"]

    private let path: String
    private let line: Int
    private let members: [LocatedJSON.Member]

    init(_ element: LocatedJSON, path: String) throws(LadderFileError) {
        guard case .object(let members) = element.value else {
            throw LadderFileError(line: element.line, "\(path): expected an object")
        }
        self.path = path
        self.members = members
        line = element.line
        for (index, member) in members.enumerated() {
            guard Self.names.contains(member.name) else {
                let known = Self.names.joined(separator: ", ")
                let message = "\(path).\(member.name): unknown field (expected \(known))"
                throw LadderFileError(line: member.line, message)
            }
            guard !members[..<index].contains(where: { $0.name == member.name }) else {
                throw LadderFileError(line: member.line, "\(path).\(member.name): given twice")
            }
        }
    }

    func step() throws(LadderFileError) -> LadderStep {
        let step = try readStep()
        // Only a rung of that size may be called by it.
        if let name = step.name, name.last == "p", let side = Int(name.dropLast()), side != step.shortSide {
            throw LadderFileError(line: line, "\(path).name: '\(name)' says another size than short_side")
        }
        return step
    }

    private func readStep() throws(LadderFileError) -> LadderStep {
        LadderStep(
            shortSide: try integer("short_side", in: 16...4320),
            maxBitrate: try integer("max_bitrate", in: 10_000...200_000_000),
            crf: try optional("crf", expecting: "a number from 0 to 51") { value in
                if case .number(let crf) = value, (0...51).contains(crf) { crf } else { nil }
            },
            preset: try choice("preset", among: TranscodeSettings.presets),
            codec: try choice("codec", among: VideoCodec.allCases.map(\.rawValue)).flatMap(VideoCodec.init),
            name: try optional("name", expecting: "1 to 32 of a-z, 0-9, '-' and '_'") { value in
                if case .string(let name) = value, Self.isName(name) { name } else { nil }
            }
        )
    }

    private func integer(_ name: String, in range: ClosedRange<Int>) throws(LadderFileError) -> Int {
        let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
        let value = try optional(name, expecting: expected) { value -> Int? in
            guard case .number(let number) = value, let whole = Int(exactly: number) else { return nil }
            return range.contains(whole) ? whole : nil
        }
        guard let value else { throw LadderFileError(line: line, "\(path).\(name) is missing: expected \(expected)") }
        return value
    }

    private func choice(_ name: String, among choices: [String]) throws(LadderFileError) -> String? {
        try optional(name, expecting: "one of \(choices.joined(separator: ", "))") { value in
            if case .string(let text) = value, choices.contains(text) { text } else { nil }
        }
    }

    private func optional<Value>(
        _ name: String,
        expecting expected: String,
        _ read: (LocatedJSON.Value) -> Value?
    ) throws(LadderFileError) -> Value? {
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        guard let value = read(member.value.value) else {
            throw LadderFileError(line: member.value.line, "\(path).\(name): expected \(expected)")
        }
        return value
    }

    /// Names become folders and parts of URLs.
    private static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-_".utf8.contains($0) }
    }
}
