import Engines
import FoundationEssentials
import Machine
import Session
import Testing

/// Settings arrive where they are sent, all of them.
@Suite("Settings") struct SettingsTests {
  /// Settings of which no field has the value that it has by default.
  static var changed: RunSettings {
    var planning = PlanningSettings()
    planning.isa = "avx2"
    planning.askedTuning = "auto"
    planning.tuningBudget = 0.1
    planning.exact = true
    planning.noFusion = true
    planning.seed = .max
    planning.memoryLimit = 1 << 40
    planning.layerTimeout = 1.0 / 3
    var measurement = MeasurementSettings()
    measurement.layers = "a..b,@rnn"
    measurement.threads = 3
    measurement.pin = .on
    measurement.askedPrecision = "int8"
    measurement.iterations = 7
    measurement.time = 0.7
    measurement.until = 2.5
    measurement.warmup = 0
    measurement.cache = "cold"
    measurement.counters = "none"
    measurement.events = "cycles"
    measurement.planning = planning
    measurement.engine = .pytorch
    measurement.enginePython = "/a b/python\\3"
    measurement.strict = true
    measurement.measuresRoofs = false
    var network = NetworkSettings(
      "\u{2764} \"quoted\" {net}.xml", batch: 2,
      assignments: [Assignment(name: "width", value: -4), Assignment(name: "depth", value: 5)],
      weights: "model",
      model: ModelArguments(
        shapes: [.init(name: "data=x", dims: [1, 3, 224])],
        values: [.init(name: "sr", number: 16000.25)]))
    network.sha256 = "00ff"
    return RunSettings(network, measurement)
  }

  /// The fields of a value and of the settings in it, by name, as texts.
  private static func fields(_ value: Any, _ path: String = "") -> [String: String] {
    var found: [String: String] = [:]
    for child in Mirror(reflecting: value).children {
      let name = path + "." + (child.label ?? "")
      let isSettings =
        child.value is NetworkSettings || child.value is MeasurementSettings
        || child.value is PlanningSettings || child.value is ModelArguments
      if isSettings {
        found.merge(fields(child.value, name)) { $1 }
      } else {
        found[name] = "\(child.value)"
      }
    }
    return found
  }

  @Test("the changed settings leave no field as it is by default")
  func allAreChanged() {
    let usual = Self.fields(RunSettings(NetworkSettings("")))
    let changed = Self.fields(Self.changed)
    #expect(usual.count == changed.count && usual.count > 25)
    for (name, value) in usual { #expect(changed[name] != value, "\(name) is left as it is") }
  }

  @Test("every field arrives in a process that measures", arguments: [true, false])
  func everyFieldArrives(flag: Bool) throws {
    let works: [ChildTask.Work] = [
      .measure(decided: flag, similarity: !flag), .decide, .search, .simulate,
      .watch(without: flag ? [3, 1] : []),
    ]
    for work in works {
      let task = ChildTask(work, Self.changed)
      let arguments = task.arguments
      #expect(arguments.count == 2 && arguments[0].hasSuffix("-child"))
      let arrived = try ChildTask(document: arguments[1])
      #expect(arrived == task && arrived.settings == Self.changed && arrived.work == work)
    }
  }

  @Test("documents of equal tasks are equal, and of one length whoever sends them")
  func sameText() {
    let task = ChildTask(.simulate, Self.changed)
    #expect(task.arguments == ChildTask(.simulate, Self.changed).arguments)
    #expect(task.arguments[1].contains("\"parent\":\"0"))
  }

  @Test("what is no task is refused", arguments: ["", "{", "{}", "[1]", "{\"work\":{\"fly\":{}}}"])
  func noTask(text: String) {
    #expect(throws: SettingFault.self) { try ChildTask(document: text) }
  }

  @Test(
    "numbers that no option takes are refused, whoever wrote the task",
    arguments: [
      ("\"threads\":3", "\"threads\":100000"), ("\"iterations\":7", "\"iterations\":-1"),
      ("\"warmup\":0", "\"warmup\":1000001"), ("\"until\":2.5", "\"until\":1e10"),
      ("\"time\":0.7", "\"time\":1e300"), ("\"batch\":2", "\"batch\":0"),
      ("\"tuningBudget\":0.1", "\"tuningBudget\":-1"), ("[1,3,224]", "[1,3,4294967296]"),
    ])
  func ranges(was: String, becomes: String) throws {
    let text = ChildTask(.decide, Self.changed).arguments[1]
    #expect(text.contains(was), "\(text)")
    let damaged = text.replacing(was, with: becomes)
    #expect(throws: SettingFault.self) { try ChildTask(document: damaged) }
    // The same in a task's file.
    func task(_ settings: String, round: Int = 0) -> [UInt8] {
      Array(
        """
        {"tool":{"name":"ntprof","version":"1"},"run":"r","folder":"f","items":[
        {"place":{"item":0,"round":\(round)},"settings":\(settings),"decides":true}]}
        """.utf8)
    }
    let settings = Self.changed.text
    let whole = try LaunchedTask.decode(task(settings), from: "task-0.json")
    #expect(whole.items.map(\.settings) == [Self.changed])
    for bytes in [task(settings.replacing(was, with: becomes)), task(settings, round: -1)] {
      let failure = #expect(throws: Failure.self) {
        try LaunchedTask.decode(bytes, from: "task-0.json")
      }
      #expect(failure?.message.hasPrefix("task-0.json: is no task") == true)
    }
  }

  @Test("params are whole numbers of 64 bits also in a task")
  func extremeParams() throws {
    var settings = Self.changed
    settings.network.assignments = [
      Assignment(name: "a", value: .max), Assignment(name: "b", value: .min),
    ]
    settings.network.model.values = [.init(name: "x", number: 1e30)]
    let task = ChildTask(.decide, settings)
    #expect(try ChildTask(document: task.arguments[1]).settings == settings)
  }

  @Test("the words of settings are read as they were written, all but what only children get")
  func words() throws {
    var settings = Self.changed
    settings.network.sha256 = nil
    settings.measurement.measuresRoofs = true
    settings.measurement.counters = "auto"
    settings.measurement.engine = .openvino
    let words = OptionWords.words(of: settings)
    var read = try OptionWords.settings(of: settings.network.source, words)
    // How long a search may take is said only where there is one.
    read.measurement.planning.tuningBudget = settings.measurement.planning.tuningBudget
    #expect(read == settings)
    #expect(
      words.contains("--set") && words.contains("width=-4") && words.contains("data=x=1x3x224"))
  }

  @Test("words that are no option, or have no value, are refused")
  func strangeWords() {
    for words in [
      ["--fly"], ["resnet50"], ["--threads"], ["--threads", "two"], ["--pin", "maybe"],
    ] {
      #expect(throws: SettingFault.self, "\(words)") {
        try OptionWords.settings(of: "a.xml", words)
      }
    }
  }

  @Test("a process that measures alike is told how implementations are chosen, whatever it counts")
  func child() {
    var settings = MeasurementSettings()
    settings.counters = "simulated"
    settings.events = "cycles"
    settings.time = 3
    #expect(settings.tuning == "fast")
    let child = settings.child(counting: false, timing: false)
    #expect(child.tuning == "fast" && child.counters == "none")
    #expect(child.events == nil && child.time == nil)
    #expect(settings.child().counters == "simulated" && settings.child().time == 3)
  }
}
