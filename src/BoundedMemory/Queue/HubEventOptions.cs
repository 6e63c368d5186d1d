namespace BoundedMemory;

/// <summary>How a subscription becomes a stream of server-sent events.</summary>
public sealed class HubEventOptions
{
    /// <summary>How often something is sent though there is no event: it keeps proxies from closing the connection, and finds out that a client is gone.</summary>
    /// <value>Default 15 s, by the hub's clock. 1 ms to 49 days. One timer serves all streams of a clock with the same interval.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Type of the event that tells a client of a gap. Its data are <c>{"missed":3}</c>, or <c>{"missed":null}</c> where nobody knows.</summary>
    /// <value>Default <c>"gap"</c>; not empty, no line break.</value>
    public string GapEventType { get; set; } = "gap";

    /// <summary>Type of the events that are sent as heartbeats, where comments cannot be.</summary>
    /// <value>Default <c>"heartbeat"</c>; not empty, no line break.</value>
    public string HeartbeatEventType { get; set; } = "heartbeat";

    /// <summary>How long a client is to wait before it comes back when the connection was lost; sent with the first thing that is sent.</summary>
    /// <value>Default null: as the client likes. 0 to 49 days.</value>
    public TimeSpan? ReconnectAfter { get; set; }

    internal static IEnumerable<OptionError> FindErrors(HubEventOptions options) =>
    [
        .. OptionErrors.Range<TimeSpan>(nameof(HeartbeatInterval), options.HeartbeatInterval, HubLimits.ShortestTime, HubLimits.LongestTimer),
        .. OptionErrors.Range(nameof(ReconnectAfter), options.ReconnectAfter, TimeSpan.Zero, HubLimits.LongestTimer),
        .. FindTypeErrors(nameof(GapEventType), options.GapEventType),
        .. FindTypeErrors(nameof(HeartbeatEventType), options.HeartbeatEventType),
    ];

    private static IEnumerable<OptionError> FindTypeErrors(string option, string? type) =>
        OptionErrors.When(string.IsNullOrEmpty(type) || type.AsSpan().ContainsAny('\r', '\n'), option, type, "must not be empty nor contain line breaks");
}
