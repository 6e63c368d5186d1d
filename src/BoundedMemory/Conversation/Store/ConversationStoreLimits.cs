namespace BoundedMemory;

/// <summary>The legal ranges of a store's options, in one place for options, methods and messages.</summary>
internal static class ConversationStoreLimits
{
    /// <summary>The least limit in bytes: an empty store takes a few thousand.</summary>
    public const long LeastBytes = 32 * 1024;

    /// <summary>Bytes of an empty store beyond its cache: the store, its totals and delegates, the options of its windows. A test holds it against the heap.</summary>
    public const long EmptyStoreBytes = 1024;

    public const int MostPendingMessages = 1_000_000;

    /// <summary>The most calls a source may say a message makes.</summary>
    public const int MostToolCalls = 10_000;

    /// <summary>The highest number a source may give a message: there is room for more after it.</summary>
    public const long HighestSequence = long.MaxValue / 2;

    public static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    /// <summary>The options of all windows of a store: a copy, with what is the store's.</summary>
    public static ConversationWindowOptions<TMessage> WindowOptionsOf<TKey, TMessage>(ConversationStoreOptions<TKey, TMessage> options)
        where TKey : notnull
    {
        ConversationWindowOptions<TMessage> copy = options.Window.Copy();
        (copy.Name, copy.TimeProvider, copy.MeterFactory) = (options.Name, options.TimeProvider, options.MeterFactory);
        return copy;
    }
}
