/// Where a job's objects lie below the media's folder, and what they take the place of.
package struct JobPlace: Sendable, Hashable {
    /// Empty, or a folder's name and a slash.
    package var prefix: String
    /// Whether viewers may see it already: the master playlist may be its own.
    package var isPublishing: Bool
    /// The prefix of the version that is published as long as this one is not; `nil` if none is.
    package var replaces: String?

    package init(prefix: String, isPublishing: Bool = false, replaces: String? = nil) {
        self.prefix = prefix
        self.isPublishing = isPublishing
        self.replaces = replaces
    }
}
