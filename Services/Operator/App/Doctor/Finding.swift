import EventSchema

/// What `doctor` found out about one thing.
struct Finding: Sendable, Hashable {
    enum Status: String, Sendable, Hashable {
        case ok, warn, fail
    }

    let check: CheckName
    let status: Status
    let what: String
    /// What to do about it; `nil` if there is nothing to do.
    let mend: String?

    private init(_ check: CheckName, _ status: Status, _ what: String, _ mend: String?) {
        self.check = check
        self.status = status
        self.what = what
        self.mend = mend
    }

    static func ok(_ check: CheckName, _ what: String) -> Finding { Finding(check, .ok, what, nil) }

    /// It works, or nobody can tell.
    static func warn(_ check: CheckName, _ what: String, mend: String) -> Finding { Finding(check, .warn, what, mend) }

    /// Messages are lost, held up, or refused, or will be.
    static func fail(_ check: CheckName, _ what: String, mend: String) -> Finding { Finding(check, .fail, what, mend) }

    /// For people: the finding, and below it how to mend it.
    var lines: [String] {
        let label = check.rawValue.padding(to: CheckName.width)
        let first = "\(status.rawValue.padding(to: 4))  \(label)  \(EventLine.printable(what))"
        guard let mend else { return [first] }
        return [first, "".padding(to: CheckName.width + 8) + "mend: " + EventLine.printable(mend)]
    }

    var json: JSONObject {
        var object: JSONObject = [
            "check": .string(check.rawValue), "status": .string(status.rawValue), "what": .string(what),
        ]
        object.set("mend", mend)
        return object
    }
}

/// All findings.
struct Diagnosis: Sendable {
    let findings: [Finding]

    var isFailure: Bool { count(.fail) > 0 }

    var summary: String {
        let warnings = count(.warn)
        return "\(count(.ok)) ok, \(warnings) \(warnings == 1 ? "warning" : "warnings"), \(count(.fail)) failed"
    }

    var json: JSONObject {
        [
            "ok": .bool(!isFailure), "summary": .string(summary),
            "findings": .array(findings.map { .object($0.json) }),
        ]
    }

    private func count(_ status: Finding.Status) -> Int { findings.count { $0.status == status } }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
