/// How log lines are written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object per line, for machines.
    case json
    /// One line for people.
    case text
}
