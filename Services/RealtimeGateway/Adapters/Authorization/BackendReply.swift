/// What came back from a backend, whatever it means.
struct BackendReply: Sendable {
    let status: Int
    /// The values of `Cache-Control`.
    let cacheControl: [String]
    let body: [UInt8]
}
