import Foundation
import MediaDomain

/// Stores the storyboard's sheets.
struct StoryboardWriter {
    let plan: StoryboardPlan
    let sink: any ArtifactSink

    /// Bytes of one picture, as ``Frame/bytes`` writes them.
    var tileBytes: Int { Frame.byteCount(width: plan.tileWidth, height: plan.tileHeight) }

    /// Stores a sheet of pictures that ``Frame/bytes`` wrote one after another.
    ///
    /// - Parameter number: Of the sheet, from 1.
    func write(_ pixels: Data, sheet number: Int) throws(MediaError) {
        let file = try failing(as: .encodeFailed) { () throws(AVError) in
            let sheet = try StoryboardSheet(plan)
            for offset in stride(from: 0, to: pixels.count, by: tileBytes) {
                let bytes = pixels.dropFirst(offset).prefix(tileBytes)
                sheet.append(try Frame(width: plan.tileWidth, height: plan.tileHeight, bytes: bytes))
            }
            return try StillEncoder.encode(sheet.picture())
        }
        try sink.store(file, as: OutputLayout.storyboardSheet(number))
    }
}
