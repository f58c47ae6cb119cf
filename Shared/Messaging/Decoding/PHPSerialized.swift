import Foundation

/// What PHP's `serialize()` wrote, as it is or as Symfony Messenger changes it: with slashes added, and in base64 if it is
/// not UTF-8.
///
/// It is only recognised. To read it is to trust the publisher with the choice of classes, and no other language can.
struct PHPSerialized {
    /// The class of the outermost object, if it is one.
    let className: String?

    /// How much of a body is looked at; a class name ends well before.
    private static let window = 512

    /// `nil` if `body` is nothing like it.
    init?(in body: some Sequence<UInt8>) {
        let head = Array(body.prefix(Self.window))
        if let found = Self.read(head) {
            self = found
        } else if let decoded = Self.decodeBase64(head), let found = Self.read(decoded) {
            self = found
        } else {
            return nil
        }
    }

    private init(className: String?) { self.className = className }

    /// What the publisher should change.
    var advice: String {
        guard let className else { return "the body is PHP serialize(): publish json_encode() of the event" }
        if className == #"Symfony\Component\Messenger\Envelope"# {
            return "the body is PHP serialize(), Symfony Messenger's default: set `serializer: "
                + "messenger.transport.symfony_serializer` for this transport, and MESSAGE_TYPES here if the class is not "
                + "named after its event type"
        }
        return "the body is PHP serialize() of \(className.prefix(100)): publish json_encode() of the event"
    }

    // MARK: Reading

    /// Reads `O:8:"App\Job":`, `a:2:{`, `s:5:"`, `i:1;`, `N;` and their like.
    private static func read(_ head: [UInt8]) -> PHPSerialized? {
        let text = String(decoding: head, as: UTF8.self).replacing("\\\"", with: "\"").replacing(#"\\"#, with: #"\"#)
        if let object = text.prefixMatch(of: #/[OCE]:\d{1,5}:"([^"\x00-\x1f]+)"?/#) {
            return PHPSerialized(className: String(object.1))
        }
        let isValue = text.prefixMatch(of: #/(a:\d{1,9}:\{|s:\d{1,9}:"|N;|b:[01];|i:-?\d{1,20};|d:[-+.\dEINF]{1,30};)/#)
        return isValue == nil ? nil : PHPSerialized(className: nil)
    }

    private static func decodeBase64(_ head: [UInt8]) -> [UInt8]? {
        // Whole groups of four: the window may cut the last.
        let groups = head.prefix(head.count & ~3)
        guard groups.count >= 8, let data = Data(base64Encoded: Data(groups)) else { return nil }
        return Array(data)
    }
}
