namespace BoundedMemory;

/// <summary>How a subscription that was to continue after a message began; see <see cref="HubSubscriptionOptions{T}.After"/>.</summary>
public enum HubResume
{
    /// <summary>It did not continue: it begins with what is published next.</summary>
    Fresh,

    /// <summary>It continues right after that message.</summary>
    Continued,

    /// <summary>It continues with the oldest message there is; how many are missing is said by <see cref="HubMessage{T}.Missed"/> of the first that is read.</summary>
    Gap,

    /// <summary>This hub has not published such a message yet: it was another hub's, before a restart maybe. It begins with the oldest message there is, and
    /// nobody knows how many are missing.</summary>
    Unknown,
}
