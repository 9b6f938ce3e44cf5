/// A path for a person: the home folder as `~`, which a shell expands; nil: there is no home.
public func pathFromHome(_ path: String, home: String?) -> String {
  guard let home, home.hasPrefix("/"), home != "/", path.hasPrefix(home + "/") else { return path }
  return "~" + path.dropFirst(home.count)
}
