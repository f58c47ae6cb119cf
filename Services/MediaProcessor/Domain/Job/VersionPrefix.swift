import EventSchema
package import Foundation

/// Names of the folders in which the versions of a media lie.
///
/// The first version lies in the media's own folder, where addresses are shortest; each later one in a folder of its own:
/// what is published stays whole until the new playlists replace the old, and segments that caches hold for a year never
/// change under their names.
package enum VersionPrefix {
    private static let start = "r-"

    /// The folder for the upload of an event, with a slash at its end.
    package static func own(of eventID: UUID) -> String { "\(start)\(eventID.lowercased)/" }

    /// Whether it is one that we gave.
    package static func isValid(_ prefix: String) -> Bool {
        guard !prefix.isEmpty else { return true }
        guard prefix.hasPrefix(start), prefix.hasSuffix("/") else { return false }
        let id = prefix.dropFirst(start.count).dropLast()
        return UUID(uuidString: String(id)) != nil
    }

    /// Whether an object, named as below the media's folder, is part of the version without a folder of its own.
    static func isOfFirst(_ name: Substring) -> Bool {
        if OutputLayout.front.contains(String(name)) { return false }
        guard let slash = name.firstIndex(of: "/") else { return true }
        return !isValid(String(name[...slash]))
    }
}
