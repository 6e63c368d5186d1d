namespace BoundedMemory;

/// <summary>The legal ranges of a hub's options, in one place for options, methods and messages.</summary>
internal static class HubLimits
{
    public const long LeastBytes = 16 * 1024;

    public const long MostMessages = 1_000_000_000;

    public const int MostPrivateMessages = 1_000_000;

    public const int MostSubscribers = 10_000_000;

    /// <summary>Bytes of a hub without messages and subscribers, but for its array. A test holds it against the heap.</summary>
    public const long EmptyHubBytes = 2048;

    /// <summary>Bytes of a subscription: itself, its options, what it waits with and what ends with it. A test holds it against the heap.</summary>
    public const long SubscriptionBytes = 512;

    /// <summary>Part of the limit in bytes that subscriptions may take: they must not crowd out what they are there for.</summary>
    public const int SubscriptionPart = 2;

    public static readonly TimeSpan ShortestTime = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan LongestTime = TimeSpan.FromDays(36_525);

    /// <summary>What timers can be set to.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    public static void RequireBytes(long? value, string name) => OptionErrors.ThrowFirst(OptionErrors.Range(name, value, LeastBytes, long.MaxValue));

    public static void RequireCount(long? value, string name) => OptionErrors.ThrowFirst(OptionErrors.Range(name, value, 1, MostMessages));
}
