namespace BoundedMemory;

/// <summary>The legal ranges of a session store's options and arguments, in one place for options, methods and messages.</summary>
internal static class SessionLimits
{
    public const long LeastBytes = CacheLimits.LeastBytes;

    public const int MostSessions = 1_000_000_000;

    public const long LeastSessionBytes = 4 * 1024;

    /// <summary>Half of what an entry of a cache can be charged with.</summary>
    public const long MostSessionBytes = 1L << 34;

    /// <summary>What a value may retain unless the options say so: some hundred rows of a table, and less than what the runtime takes for a large object.</summary>
    public const long DefaultValueBytes = 64 * 1024;

    public const int MostEntries = 1_000_000;

    public const int MostKeyLength = 4096;

    public const int MostIdLength = 512;

    public const int MostScopeLength = 128;

    /// <summary>Bytes of a name of a scope of that length, which a session keeps free so that it can enter any scope.</summary>
    public const long MostScopeBytes = 280;

    /// <summary>Bytes of an empty store beyond its cache: the store, its settings and counters, delegates and links. A test holds it against the heap.</summary>
    public const long EmptyStoreBytes = 1024;

    /// <summary>Throws unless a text is there, not empty and not too long; what it is, which may be hostile, is not repeated.</summary>
    public static void RequireText(string text, int most, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, parameter);
        if (text.Length > most)
        {
            throw new ArgumentException($"It must have from 1 to {most} characters; it has {text.Length}.", parameter);
        }
    }
}
