import FoundationEssentials
import Glibc

/// An nginx that a test starts on a free loopback port: TLS, HTTP/2 and client certificates in front of a server that
/// speaks plain http.
///
/// Every answer carries `X-Front-Connection` (a number for each TLS connection) and `X-Front-Protocol` (`HTTP/2.0`).
/// The upstream gets `X-Remote-User` and `X-Remote-Group` (two at most) from the CN and the O's of a verified client
/// certificate, and never what a client wrote into these fields. Bodies pass unbuffered both ways, so watches work.
public struct NginxFront: TestServer {
  /// Whether a client must show a certificate.
  public enum ClientCertificates: String, Sendable {
    case off
    /// Verified where shown.
    case optional
    /// Without one the answer is 400.
    case required = "on"
  }

  /// What is served and how.
  public struct Configuration: Sendable {
    /// The server's certificate and key.
    public var server: TestCertificates.Pair
    /// The plain http port that requests are passed to; nil: every request is answered with 200 and a line of text.
    public var upstreamPort: Int?
    /// Whether HTTP/2 is offered.
    public var offersHTTP2: Bool
    /// Whether and how clients are verified.
    public var clientCertificates: ClientCertificates
    /// The file with the authorities of client certificates; needed where they are not off.
    public var clientAuthorityPath: String?
    /// More directives of nginx for the server block.
    public var extra: String

    /// A front that offers HTTP/2 and asks for no client certificates.
    public init(
      server: TestCertificates.Pair, upstreamPort: Int? = nil, offersHTTP2: Bool = true,
      clientCertificates: ClientCertificates = .off, clientAuthorityPath: String? = nil, extra: String = ""
    ) {
      self.server = server
      self.upstreamPort = upstreamPort
      self.offersHTTP2 = offersHTTP2
      self.clientCertificates = clientCertificates
      self.clientAuthorityPath = clientAuthorityPath
      self.extra = extra
    }
  }

  /// The port on 127.0.0.1.
  public var port: Int { process.port }
  /// `https://127.0.0.1:PORT`.
  public var url: String { "https://127.0.0.1:\(port)" }
  private let process: ServerProcess

  /// Runs `body` while nginx runs.
  public static func run<Result>(
    _ configuration: Configuration, _ body: (NginxFront) async throws -> Result
  ) async throws -> Result {
    try await start(configuration).during(body)
  }

  /// Starts nginx; `stop()` is to be called in any case.
  public static func start(_ configuration: Configuration) async throws -> NginxFront {
    let nginx = try TestProgram("nginx", debianPackage: "nginx")
    let directory = try ScratchDirectory("nginx-front")
    let process = try await ServerProcess.start(nginx.path, in: directory) { port in
      try directory.write(text(configuration, port: port), to: "nginx.conf")
      return ["-p", directory.path, "-e", directory.file("error.log"), "-c", directory.file("nginx.conf")]
    }
    return NginxFront(process: process)
  }

  /// Ends this nginx by its process id and removes its files.
  public func stop() async { await process.stop() }

  /// What nginx wrote to its error log.
  public func errorLog() throws -> String {
    String(decoding: try process.directory.read("error.log"), as: UTF8.self)
  }

  /// A port on 127.0.0.1 that was free a moment ago.
  public static func freePort() throws -> Int {
    let listener = try ListeningSocket()
    defer { listener.close() }
    return listener.port
  }

  static func text(_ configuration: Configuration, port: Int) -> String {
    let location: String
    if let upstream = configuration.upstreamPort {
      location = """
        proxy_pass http://127.0.0.1:\(upstream);
              proxy_http_version 1.1;
              proxy_buffering off;
              proxy_request_buffering off;
              proxy_read_timeout 1h;
              proxy_set_header Host $http_host;
              proxy_set_header X-Forwarded-Proto https;
              proxy_set_header Connection "";
              proxy_set_header X-Remote-User $front_user;
              proxy_set_header X-Remote-Group $front_group;
              proxy_set_header X-Remote-Group $front_group2;
        """
    } else {
      location = """
        default_type text/plain;
              return 200 "$request_method $request_uri host=$http_host user=$front_user group=$front_group\\n";
        """
    }
    var verification = "ssl_verify_client \(configuration.clientCertificates.rawValue);"
    if let path = configuration.clientAuthorityPath { verification += "\n    ssl_client_certificate \(path);" }
    return """
      daemon off;
      # One process: nothing is left over when it ends.
      master_process off;
      pid nginx.pid;
      error_log error.log info;
      events { worker_connections 512; }
      http {
        access_log off;
        client_max_body_size 0;
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
        map "$ssl_client_verify,$ssl_client_s_dn" $front_user { default ""; "~^SUCCESS.*?,CN=(?<cn>[^,]+)" $cn; }
        map "$ssl_client_verify,$ssl_client_s_dn" $front_group { default ""; "~^SUCCESS.*?,O=(?<o1>[^,]+)" $o1; }
        map "$ssl_client_verify,$ssl_client_s_dn" $front_group2 {
          default "";
          "~^SUCCESS.*?,O=[^,]+.*?,O=(?<o2>[^,]+)" $o2;
        }
        server {
          listen 127.0.0.1:\(port) ssl\(configuration.offersHTTP2 ? " http2" : "");
          ssl_certificate \(configuration.server.certificatePath);
          ssl_certificate_key \(configuration.server.keyPath);
          ssl_protocols TLSv1.2 TLSv1.3;
          \(verification)
          add_header X-Front-Connection $connection always;
          add_header X-Front-Protocol $server_protocol always;
          \(configuration.extra)
          location / {
            \(location)
          }
        }
      }

      """
  }
}
