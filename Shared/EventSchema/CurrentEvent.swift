/// The event that the current task works on, for log lines.
package enum CurrentEvent {
    /// Its id as it is spelled on the wire; `nil` outside of a handler.
    @TaskLocal package static var id: String?
}
