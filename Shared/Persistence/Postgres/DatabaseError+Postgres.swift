extension DatabaseError {
    /// What the error `state` of a server means for our callers.
    init(postgres state: String, _ message: String) {
        self.init(Self.code(of: state), "\(message) (PostgreSQL \(state))")
    }

    /// <https://www.postgresql.org/docs/15/errcodes-appendix.html>; the first two characters are the class.
    private static func code(of state: String) -> Code {
        switch state {
        case "40001", "40P01", "55P03": return .locked
        case "40003": return .outcomeUnknown
        case "42501", "3D000": return .refused
        // A statement took too long, or somebody cancelled it; a server that takes no writes.
        case "57014", "25006": return .unavailable
        default: break
        }
        return switch state.prefix(2) {
        case "23", "40": .constraint
        case "08", "53", "57", "58": .unavailable
        case "28", "XX": .refused
        default: .mismatch
        }
    }

    /// What it means that no connection came about.
    ///
    /// libpq has the code of such an error in its message only, and none if it is not the server's.
    init(postgresConnection message: String, to name: String) {
        let parts = message.split(separator: ":", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
        if let state = parts.last(where: Self.isState).map(String.init) {
            let shown = message.replacing(" \(state): ", with: " ")
            let code = Self.code(of: state)
            self.init(code == .mismatch ? .refused : code, "\(name): \(shown) (PostgreSQL \(state))")
        } else if ["SSL error", "support SSL", "certificate"].contains(where: { message.contains($0) }) {
            self.init(.refused, "\(name): \(message): are sslmode and sslrootcert right, is its certificate valid?")
        } else if message.contains("password supplied") {
            self.init(.refused, "\(name): \(message)")
        } else {
            self.init(.unavailable, "\(name): \(message)")
        }
    }

    private static func isState(_ text: Substring) -> Bool {
        text.utf8.count == 5 && text.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
    }
}
