import CPostgres
import Glibc

/// Where a server is and how to talk to it: an address in libpq's spelling, with our settings where it has none.
struct PostgresAddress: Sendable {
    /// What is set unless the address sets it: <https://www.postgresql.org/docs/15/libpq-connect.html>.
    private static let defaults = [
        "application_name": "martlet",
        // In seconds: a connection that is silent for 10 s is probed, and given up 9 s later.
        "keepalives_idle": "10",
        "keepalives_interval": "3",
        "keepalives_count": "3",
        // In milliseconds: how long what we sent may stay unacknowledged.
        "tcp_user_timeout": "5000",
        // A standby takes no writes; of several hosts, the one that does is meant.
        "target_session_attrs": "read-write",
    ]

    /// In milliseconds, as PostgreSQL reads them.
    private static let sessionDefaults =
        "-c statement_timeout=15000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=30000"

    /// The address for people, without the password: `postgres://user@host:5432/name`.
    let name: String
    /// How long establishing a connection may take: `connect_timeout`, 5 s, for each host.
    let connectLimit: Duration
    private let settings: [String: String]

    /// - Throws: ``DatabaseError`` with `invalid_configuration`. It does not repeat what libpq says: that may be a part
    ///   of a password with a character that had to be escaped.
    init(_ url: String) throws(DatabaseError) {
        guard let given = Self.parse(url), Self.arePorts(given["port"] ?? "") else {
            throw DatabaseError(
                .invalidConfiguration,
                "the address of the PostgreSQL database is none: expected postgres://user:password@host:5432/name, "
                    + "with %40 for @, %3A for : and %2F for / in the password, and only parameters that libpq knows"
            )
        }
        let hosts = given["host"] ?? given["hostaddr"] ?? ""
        name = Self.name(given, hosts: hosts)
        let timeout = given["connect_timeout"].flatMap { Int($0) } ?? 0
        // Without a host it is this machine.
        connectLimit = .seconds((timeout > 0 ? min(timeout, 60) : 5) * max(1, hosts.split(separator: ",").count))
        var settings = Self.defaults.merging(given) { _, given in given }
        // The last one counts.
        settings["options"] = "\(Self.sessionDefaults) \(given["options"] ?? "")"
        settings["client_encoding"] = "UTF8"
        self.settings = settings
    }

    private static func name(_ given: [String: String], hosts: String) -> String {
        let user = given["user"].map { "\($0)@" } ?? ""
        let port = given["port"].map { ":\($0)" } ?? ""
        return "postgres://\(user)\(hosts)\(port)/\(given["dbname"] ?? "")"
    }

    private static func parse(_ url: String) -> [String: String]? {
        guard let options = PQconninfoParse(url, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var given: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return given
    }

    /// Whether it is a list of ports; a part of a password with a slash in it is not.
    private static func arePorts(_ text: String) -> Bool {
        text.split(separator: ",").allSatisfy { UInt16($0) != nil }
    }

    /// Starts a connection; `nil` if there is no memory for one.
    func startConnection() -> OpaquePointer? {
        let pairs = settings.map { (keyword: strdup($0.key), value: strdup($0.value)) }
        defer {
            for pair in pairs {
                free(pair.keyword)
                free(pair.value)
            }
        }
        let keywords = pairs.map { UnsafePointer($0.keyword) } + [nil]
        let values = pairs.map { UnsafePointer($0.value) } + [nil]
        return PQconnectStartParams(keywords, values, 0)
    }
}
