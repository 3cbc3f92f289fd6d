@main
enum CounterProbe {
  static func main() {}
}
