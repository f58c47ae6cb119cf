extension AudioRendition {
    /// What tells a DASH player which sound it is: a label for its menu, whom it helps, and its role (ISO/IEC 23009-1 5.8.5.5).
    func dashDescriptors(isDefault: Bool) -> [XMLElement] {
        let label = XMLElement("Label", [("lang", "en")], text: label)
        return [label] + accessibility + [Self.role(isDefault ? "main" : dashRole)]
    }

    private static func role(_ value: String) -> XMLElement {
        XMLElement("Role", [("schemeIdUri", "urn:mpeg:dash:role:2011"), ("value", value)])
    }

    private var dashRole: String {
        switch role {
        // Another language's own sound is as much the thing itself; which one is the default is told by `main`.
        case .main, .clearSpeech, .description: "alternate"
        case .dub: "dub"
        case .commentary: "commentary"
        }
    }

    /// TV-Anytime's purposes of sound: 1 for the visually impaired, 2 for the hard of hearing.
    private var accessibility: [XMLElement] {
        let purpose: String? =
            switch role {
            case .description: "1"
            case .clearSpeech: "2"
            case .main, .dub, .commentary: nil
            }
        guard let purpose else { return [] }
        return [
            XMLElement(
                "Accessibility",
                [("schemeIdUri", "urn:tva:metadata:cs:AudioPurposeCS:2007"), ("value", purpose)]
            )
        ]
    }
}
