extension Presentation {
    /// Those of the stored objects that no playlist will name.
    ///
    /// Parts are made before it is known that a damaged source ends before them.
    func strays(among stored: [String], thumbnails: Int) -> [String] {
        let sheets = storyboard.map { (storyboardTiles + $0.sheetSize - 1) / $0.sheetSize } ?? 0
        var kept = Set((0..<thumbnails).map { OutputLayout.thumbnail($0 + 1) })
        kept.formUnion((0..<sheets).map { OutputLayout.storyboardSheet($0 + 1) })
        var kinds = [OutputLayout.thumbnailPrefix, OutputLayout.storyboardPrefix]
        for picture in video {
            let folder = OutputLayout.videoFolder(picture.rung.name)
            kept.formUnion(picture.track.segments.indices.map { "\(folder)/\(OutputLayout.segment($0 + 1))" })
            kinds.append("\(folder)/\(OutputLayout.segmentPrefix)")
        }
        return stored.filter { name in !kept.contains(name) && kinds.contains(where: name.hasPrefix) }.sorted()
    }
}
