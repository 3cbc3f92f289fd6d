import CMachine
import Glibc
public import SystemPackage

/// The terminal that a standard descriptor may be.
public enum Terminal {
  /// Whether a descriptor is one.
  ///
  /// The corresponding C function is `isatty`.
  public static func isThere(_ descriptor: FileDescriptor) -> Bool {
    isatty(descriptor.rawValue) == 1
  }

  /// Its columns; nil where it is none, or does not say.
  ///
  /// The corresponding C function is `ioctl` with `TIOCGWINSZ`.
  public static func columns(_ descriptor: FileDescriptor) -> Int? {
    var size = winsize()
    guard isThere(descriptor), ioctl(descriptor.rawValue, UInt(TIOCGWINSZ), &size) == 0,
      size.ws_col > 0
    else { return nil }
    return Int(size.ws_col)
  }

  /// Sees that the standard descriptors are open: a file that took the number of a closed one would
  /// get what is meant for the user.
  ///
  /// The corresponding C functions are `fcntl` and `open`.
  public static func holdStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is the one. What is written to standard output fails as it should.
      _ = open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
