/// Where recorded spans go when they have ended.
package protocol SpanExporter: Sendable {
    /// Takes a span, without waiting; one that cannot be taken is counted and dropped.
    func export(_ span: FinishedSpan)

    /// Brings out what was taken so far, if it can be done within a short time.
    func flush()
}
