import FoundationEssentials
package import Profiling

/// What bricks were measured to take, kept by content: a file for each brick and way to run it.
///
/// Several runs may use it at once: a file appears whole or not at all, and of two that measure the same
/// brick either one's file is as good.
package final class BrickStore {
  private let folder: OutputFolder?
  private var hasFailed = false

  /// Opens a store.
  ///
  /// - Parameter path: Where; nil for the usual place, without which nothing is kept.
  /// - Throws: ``Failure`` where a path was given and cannot be written.
  package init(_ path: String?) throws(Failure) {
    guard let path else {
      folder = Self.usualPath.flatMap { try? OutputFolder(creating: $0) }
      return
    }
    do throws(Failure) { folder = try OutputFolder(creating: path) } catch {
      throw Failure(
        error.exit, error.message.replacing("--output ", with: "--store "),
        remedy: "name a folder that can be written with --store")
    }
  }

  /// A store in a folder that is there.
  package init(_ folder: OutputFolder) { self.folder = folder }

  /// Where bricks are kept unless another place is named; nil without a cache folder.
  package static var usualPath: String? { CacheFolder.path.map { "\($0)/bricks" } }

  /// What is known of a brick.
  ///
  /// - Parameters:
  ///   - topology: The brick.
  ///   - settings: What besides the brick itself its time depends on.
  ///   - fault: Told why a file that is there is of no use.
  /// - Returns: What it took; nil where that is not known.
  package func timing(
    of topology: String, _ settings: [String], fault: (String) -> Void
  ) -> BrickTiming? {
    guard let folder else { return nil }
    let path = folder.join(Self.name(topology, settings))
    let bytes: [UInt8]
    do throws(Failure) { bytes = try SavedRecord.bytes(path) } catch {
      if error.exit != .noInput { fault(error.message) }
      return nil
    }
    do throws(RecordError) {
      let stored = try RecordCoding.decodeStoredBrick(bytes)
      if stored.isSound, stored.topology == topology, stored.settings == settings {
        return stored.timing
      }
      fault("\(path): is not the brick that its name says")
    } catch {
      fault("\(path): \(error)")
    }
    return nil
  }

  /// Keeps what a brick took, run with some settings; says once where that fails.
  package func keep(
    _ timing: BrickTiming, of topology: String, _ settings: [String],
    observer: any SessionObserver
  ) {
    guard let folder, !hasFailed else { return }
    let stored = StoredBrick(
      created: Date.now.formatted(.iso8601), tool: .ntprof,
      topology: topology, settings: settings, timing: timing)
    do throws(Failure) {
      _ = try folder.write(RecordCoding.encode(stored), as: Self.name(topology, settings))
    } catch {
      hasFailed = true
      observer.note("! bricks are not kept: \(error.message)")
    }
  }

  private static func name(_ topology: String, _ settings: [String]) -> String {
    StoredBrick.key(topology, settings) + ".json"
  }
}
