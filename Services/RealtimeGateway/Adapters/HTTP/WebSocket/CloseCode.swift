/// Why a WebSocket closes (RFC 6455 section 7.4).
package struct CloseCode: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let normal = CloseCode(rawValue: 1000)
    package static let protocolError = CloseCode(rawValue: 1002)
    package static let invalidText = CloseCode(rawValue: 1007)
    /// Stands for a close frame without a code; it never travels itself.
    package static let noStatus = CloseCode(rawValue: 1005)
    package static let policyViolation = CloseCode(rawValue: 1008)
    package static let messageTooLarge = CloseCode(rawValue: 1009)
    package static let internalError = CloseCode(rawValue: 1011)
    package static let serviceRestart = CloseCode(rawValue: 1012)
    package static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether a peer may send it (RFC 6455 sections 7.4.1 and 7.4.2): 1005, 1006 and 1015 never travel.
    package var mayTravel: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
