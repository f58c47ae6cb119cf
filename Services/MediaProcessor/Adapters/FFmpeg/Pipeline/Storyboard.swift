import CFFmpeg
import MediaDomain

/// Fills the storyboard's sheets one after another and stores each when it is full.
///
/// Used by one thread.
final class Storyboard {
    private let plan: StoryboardPlan
    private let sink: any ArtifactSink
    private let scaler: Scaler
    private var sheet: StoryboardSheet?
    private var sheetCount = 0
    private(set) var tileCount = 0

    init(_ plan: StoryboardPlan, sink: any ArtifactSink) {
        self.plan = plan
        self.sink = sink
        scaler = Scaler(width: plan.tileWidth, height: plan.tileHeight, purpose: .still)
    }

    /// Adds the picture `count` times: once for every planned time at which it is on show.
    func append(_ frame: Frame, count: Int) throws(MediaError) {
        let tile = try failing(as: .encodeFailed) { () throws(AVError) in try scaler.scale(frame) }
        for _ in 0..<count {
            let sheet = try currentSheet()
            sheet.append(tile)
            tileCount += 1
            if sheet.isFull { try finish() }
        }
    }

    /// Stores the sheet under way.
    func finish() throws(MediaError) {
        guard let sheet else { return }
        self.sheet = nil
        sheetCount += 1
        let file = try failing(as: .encodeFailed) { () throws(AVError) in
            let width = plan.columns * plan.tileWidth
            return try StillEncoder(width: width, height: sheet.height).encode(sheet.picture(), number: sheetCount)
        }
        try sink.store(file, as: OutputLayout.storyboardSheet(sheetCount))
    }

    private func currentSheet() throws(MediaError) -> StoryboardSheet {
        if let sheet { return sheet }
        let made = try failing(as: .encodeFailed) { () throws(AVError) in try StoryboardSheet(plan) }
        sheet = made
        return made
    }
}
