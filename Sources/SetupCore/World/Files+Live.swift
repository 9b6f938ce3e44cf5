import FoundationEssentials
import Glibc
import SystemPackage

extension Files {
  /// The real file system.
  public static let live = Files(
    kind: { path in
      var status = stat()
      if stat(path, &status) != 0 {
        guard errno == ENOENT || errno == ENOTDIR else { throw failure("look at", path, Errno(rawValue: errno)) }
        return nil
      }
      return switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      default: .other
      }
    },
    read: { path in
      do {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
          var content: [UInt8] = []
          let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
          defer { buffer.deallocate() }
          while true {
            let count = try file.read(into: buffer)
            if count == 0 { return content }
            // Nothing that is read here is ever so large; a device file has no end.
            if content.count > 256 << 20 {
              throw SetupError(.usage, "\(path) is larger than 256 MiB", next: "Name another file.")
            }
            content.append(contentsOf: buffer[..<count])
          }
        }
      } catch Errno.noSuchFileOrDirectory {
        return nil
      } catch let error as Errno {
        throw failure("read", path, error)
      }
    },
    write: { path, content, mode in
      do {
        if try isWrittenThrough(path) {
          let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: .closeOnExec)
          return try file.closeAfter { _ = try file.writeAll(content) }
        }
        try replace(path, content, mode)
      } catch let error as Errno {
        throw failure("write", path, error)
      }
    },
    append: { path, content in
      do {
        try makeFolder(FilePath(path).removingLastComponent().string)
        let file = try FileDescriptor.open(
          FilePath(path), .writeOnly, options: [.create, .append, .closeOnExec],
          permissions: [.ownerReadWrite])
        try file.closeAfter {
          try file.writeAll(content)
          guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
      } catch let error as Errno {
        throw failure("write to", path, error)
      }
    },
    list: { path in
      do throws(Errno) { return try names(in: path) } catch { throw failure("list", path, error) }
    },
    remove: { path in
      guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path, Errno(rawValue: errno)) }
    },
    status: { path in
      var status = stat()
      if stat(path, &status) != 0 {
        guard errno == ENOENT || errno == ENOTDIR else { throw failure("look at", path, Errno(rawValue: errno)) }
        return nil
      }
      let modified = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue
      return Status(size: UInt64(max(0, status.st_size)), modified: modified &+ Int64(status.st_mtim.tv_nsec))
    },
    readPart: { path, offset, count in
      do {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
          try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
              let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
              let count = try file.read(fromAbsoluteOffset: Int64(offset) + Int64(filled), into: rest)
              if count == 0 { break }
              filled += count
            }
          }
        }
      } catch let error as Errno {
        throw failure("read", path, error)
      }
    },
    freeSpace: { path in
      var folder = FilePath(path)
      while true {
        var status = statvfs()
        if statvfs(folder.string, &status) == 0 { return UInt64(status.f_bavail) * UInt64(status.f_frsize) }
        guard errno == ENOENT, folder.removeLastComponent() else {
          throw failure("look at the file system of", path, Errno(rawValue: errno))
        }
      }
    },
    makeFolder: { path in
      do throws(Errno) { try makeFolder(path) } catch { throw failure("make the folder", path, error) }
    },
    move: { source, target in
      if rename(source, target) == 0 { return true }
      guard errno == EEXIST || errno == ENOTEMPTY else { throw failure("rename", source, Errno(rawValue: errno)) }
      return false
    },
    removeFolder: { path in
      do { try removeTree(path) } catch let error as Errno { throw failure("remove", path, error) }
    },
    lock: { path, text in
      do {
        try makeFolder(FilePath(path).removingLastComponent().string)
        let file = try FileDescriptor.open(
          FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        let lock = HeldLock(file)
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
          guard errno == EWOULDBLOCK else { throw Errno(rawValue: errno) }
          return nil
        }
        guard ftruncate(file.rawValue, 0) == 0 else { throw Errno(rawValue: errno) }
        try file.writeAll(text.utf8)
        return lock
      } catch let error as Errno {
        throw failure("lock", path, error)
      }
    })

  /// An open file that is locked until it is closed; the system does that too when the process ends, however it ends.
  private final class HeldLock: Sendable {
    private let file: FileDescriptor
    init(_ file: FileDescriptor) { self.file = file }
    deinit {
      // A child that is just being started holds a copy of the descriptor, and with it the lock, until it is another program.
      flock(file.rawValue, LOCK_UN)
      Glibc.close(file.rawValue)
    }
  }

  /// Whether something is there that must not be replaced by a file: a pipe, a device, or the system's own name of an open
  /// file, such as `/dev/stdout`.
  private static func isWrittenThrough(_ path: String) throws(Errno) -> Bool {
    if path.hasPrefix("/dev/") || path.hasPrefix("/proc/") { return true }
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return false }
      throw Errno(rawValue: errno)
    }
    return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// Puts a new file into the place of the old one at once: whoever reads sees either.
  private static func replace(_ path: String, _ content: [UInt8], _ mode: UInt16) throws {
    try makeFolder(FilePath(path).removingLastComponent().string)
    let temporary = FilePath("\(path).\(getpid()).new")
    // What a killed run left there goes; what somebody else laid there, a link to another file, is not written through.
    unlink(temporary.string)
    let file = try FileDescriptor.open(
      temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
      permissions: FilePermissions(rawValue: CModeT(mode)))
    do {
      try file.closeAfter {
        // The umask does not count.
        guard fchmod(file.rawValue, mode_t(mode)) == 0 else { throw Errno(rawValue: errno) }
        try file.writeAll(content)
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
      }
      guard rename(temporary.string, path) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      unlink(temporary.string)
      throw error
    }
  }

  private static func makeFolder(_ path: String) throws(Errno) {
    if path.isEmpty || mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw Errno(rawValue: errno) }
    try makeFolder(FilePath(path).removingLastComponent().string)
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
  }

  private static func removeTree(_ path: String) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw Errno(rawValue: errno)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      guard unlink(path) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
      return
    }
    // A folder that its owner may not look into cannot be emptied.
    if status.st_mode & S_IRWXU != S_IRWXU { chmod(path, status.st_mode | S_IRWXU) }
    for name in try names(in: path) { try removeTree(path + "/" + name) }
    guard rmdir(path) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
  }

  private static func names(in path: String) throws(Errno) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return [] }
      throw Errno(rawValue: errno)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func failure(_ verb: String, _ path: String, _ error: Errno) -> SetupError {
    let next =
      switch error {
      case .readOnlyFileSystem, .permissionDenied:
        "See who may use that folder. Files of the program itself go where HOME, XDG_STATE_HOME and XDG_CACHE_HOME say."
      case .noSpace: "Make room on that disk."
      default: ""
      }
    return SetupError(.tool, "cannot \(verb) \(path): \(error)", next: next)
  }
}
