import Measuring
import Testing

@Suite("Sampling rule")
struct SamplingRuleTests {
  @Test("the default: at least 20 samples, then a narrow interval or 3 s")
  func standard() {
    let rule = SamplingRule()
    #expect(!rule.isSatisfied(count: 19, seconds: 2.9, halfWidth: 0.001))
    #expect(rule.isSatisfied(count: 20, seconds: 0.1, halfWidth: 0.01))
    #expect(!rule.isSatisfied(count: 20, seconds: 0.1, halfWidth: 0.011))
    #expect(rule.isSatisfied(count: 20, seconds: 3, halfWidth: 0.5))
    #expect(!rule.isSatisfied(count: 1000, seconds: 2.9, halfWidth: nil))
  }

  @Test("a very slow network stops at 6 samples once patience is over")
  func slow() {
    let rule = SamplingRule()
    #expect(!rule.isSatisfied(count: 5, seconds: 60, halfWidth: nil))
    #expect(!rule.isSatisfied(count: 6, seconds: 19, halfWidth: 0.001))
    #expect(rule.isSatisfied(count: 6, seconds: 20, halfWidth: 0.3))
  }

  @Test("explicit goals mean what they say")
  func explicit() {
    #expect(!SamplingRule(goal: .iterations(3)).isSatisfied(count: 2, seconds: 99, halfWidth: 0))
    #expect(SamplingRule(goal: .iterations(3)).isSatisfied(count: 3, seconds: 0, halfWidth: nil))
    #expect(!SamplingRule(goal: .seconds(2)).isSatisfied(count: 500, seconds: 1.9, halfWidth: 0))
    #expect(SamplingRule(goal: .seconds(2)).isSatisfied(count: 1, seconds: 2, halfWidth: nil))
    let percent = SamplingRule(goal: .percent(0.5))
    #expect(!percent.isSatisfied(count: 100, seconds: 60, halfWidth: 0.006))
    #expect(percent.isSatisfied(count: 100, seconds: 5, halfWidth: 0.005))
    #expect(!percent.isSatisfied(count: 19, seconds: 5, halfWidth: 0.001))
    #expect(percent.isSatisfied(count: 20, seconds: 121, halfWidth: 0.9))
  }

  @Test("progress stays within 0 and 1")
  func progress() {
    for goal in [SamplingRule.Goal.standard, .iterations(10), .seconds(3), .percent(1)] {
      let rule = SamplingRule(goal: goal)
      #expect(rule.progress(count: 0, seconds: 0) >= 0)
      #expect(rule.progress(count: 1000, seconds: 1000) == 1)
    }
  }
}
