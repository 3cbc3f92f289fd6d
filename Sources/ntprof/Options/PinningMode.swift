public import ArgumentParser
public import Machine

extension PinningDecision.Mode: ExpressibleByArgument {}
