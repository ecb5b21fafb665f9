import NIOCore
import Shared

/// What bounds one intake: times, counts and sizes.
struct IntakeLimits: Sendable {
    /// Open connections over all event loops; further ones are closed at once.
    var connections = 10_000
    /// How long a connection may be silent between two requests.
    var idleTime = TimeAmount.seconds(75)
    /// How long one request may take to arrive, from its first byte to its last.
    var requestTime = TimeAmount.seconds(30)
    /// How long a connection that has had its last answer is still read, so that the client can read it.
    var lingerTime = TimeAmount.seconds(2)
    /// How long Redis may take to answer.
    var pushTime = TimeAmount.seconds(2)
    /// How long a drain may take before connections are cut.
    var drainTime = TimeAmount.seconds(10)
    /// How long, once all that is spooled was refused, only its oldest record is tried.
    var spoolRoundPause = TimeAmount.seconds(30)
    /// How often it is published which unlisted paths arrive.
    var surveyTime = TimeAmount.seconds(30)
    /// Bytes of one header field with its name; the target of the request line counts as one.
    var headerFieldBytes = 16 << 10
    /// Bytes of the head of one request.
    var headerBytes = 64 << 10
    /// Header fields of one request.
    var headerFields = 128
    /// Bytes that all connections together hold of requests that are not complete or wait for their turn.
    ///
    /// Beyond them the slowest get 503 or are cut. Each event loop has its equal share.
    var heldBytes = 256 << 20
    /// How many times the metrics are rendered anew at once for those who ask one event loop.
    var scrapes = 8
    /// How long it takes until they may be rendered once more.
    var scrapePause = TimeAmount.seconds(1)

    /// The limits as the reader of requests takes them.
    var http: HTTPLimits {
        HTTPLimits(lineBytes: headerFieldBytes, headBytes: headerBytes, fields: headerFields)
    }
}
