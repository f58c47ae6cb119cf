import Foundation
import MediaDomain

extension Ladder {
    /// Reads a ladder file; the error's one line names the file, the line and the field.
    init(contentsOf path: String) throws(LadderFailure) {
        let bytes: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            // One byte more than is allowed shows that there are too many.
            bytes = try file.read(upToCount: LadderFile.sizeLimit + 1) ?? Data()
        } catch {
            throw LadderFailure(path: path, reason: "the file cannot be read")
        }
        do throws(LadderFileError) {
            self = try LadderFile.parse(Array(bytes))
        } catch {
            throw LadderFailure(path: path, reason: error.description)
        }
    }
}

/// Why a ladder file is of no use.
struct LadderFailure: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "\(path): \(reason)" }
}
