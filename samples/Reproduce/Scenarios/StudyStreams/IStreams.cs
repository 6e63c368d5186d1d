namespace Reproduce;

/// <summary>The event streams of a server: everything that is published goes to every connection.</summary>
internal interface IStreams : ISubject
{
    void Connect(int connection);

    void Publish(string message);

    /// <summary>A connection reads what waits for it.</summary>
    void ReadAll(int connection);

    /// <summary>A second has passed.</summary>
    void Note(int second);

    /// <summary>By <see cref="StreamFacts"/>.</summary>
    IReadOnlyDictionary<string, double> Facts { get; }
}

/// <summary>Names of what is wanted to be known of them.</summary>
internal static class StreamFacts
{
    public const string Connections = "connections";

    /// <summary>Most messages that ever waited for one connection.</summary>
    public const string LongestQueue = "longest queue";

    /// <summary>Events that connections missed which read all the time.</summary>
    public const string LostByReaders = "lost by readers";

    /// <summary>Minutes from the last read of a connection that is gone to its being closed; 0 if none was closed.</summary>
    public const string MinutesToClose = "minutes to close";
}
