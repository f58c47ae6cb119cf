extension Presentation.Subtitles {
    /// The `AdaptationSet` of a file that lies beside the others (DASH-IF IOP: a sidecar).
    func dashSet(id: Int, prefix: String, duration: Double) -> XMLElement {
        let folder = prefix + OutputLayout.subtitleFolder(rendition.name)
        let bandwidth = max(1, Int((Double(track.size) * 8 / max(duration, 0.001)).rounded(.up)))
        return XMLElement(
            "AdaptationSet",
            [
                ("id", String(id)), ("contentType", "text"), ("mimeType", "text/vtt"), ("lang", rendition.language),
            ],
            [
                XMLElement("Label", [("lang", "en")], text: rendition.label),
                XMLElement(
                    "Role",
                    [("schemeIdUri", "urn:mpeg:dash:role:2011"), ("value", rendition.role.dashValue)]
                ),
                XMLElement(
                    "Representation",
                    [("id", folder), ("bandwidth", String(bandwidth))],
                    [XMLElement("BaseURL", text: "\(folder)/\(OutputLayout.allSubtitles)")]
                ),
            ]
        )
    }

    /// The `EXT-X-MEDIA` of a group.
    ///
    /// - Parameter isAutomatic: Whether a player may choose them by itself.
    func hlsRendition(group: String, uri: String, isAutomatic: Bool) -> String {
        var attributes = HLSAttributes()
        attributes.add("TYPE", "SUBTITLES")
        attributes.add("GROUP-ID", quoted: group)
        attributes.add("NAME", quoted: rendition.label)
        attributes.add("LANGUAGE", quoted: rendition.language)
        attributes.add("DEFAULT", rendition.isDefault ? "YES" : "NO")
        attributes.add("AUTOSELECT", isAutomatic ? "YES" : "NO")
        attributes.add("FORCED", rendition.role == .forced ? "YES" : "NO")
        if rendition.role == .captions {
            let helps = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"
            attributes.add("CHARACTERISTICS", quoted: helps)
        }
        attributes.add("URI", quoted: uri)
        return "#EXT-X-MEDIA:\(attributes.text)"
    }
}

extension SubtitleRole {
    /// ISO/IEC 23009-1 5.8.5.5.
    fileprivate var dashValue: String {
        switch self {
        case .subtitles: "subtitle"
        case .captions: "caption"
        case .forced: "forced-subtitle"
        case .commentary: "commentary"
        }
    }
}
