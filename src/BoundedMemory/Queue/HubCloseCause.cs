namespace BoundedMemory;

/// <summary>Why a subscription ended.</summary>
public enum HubCloseCause
{
    /// <summary>Its reader disposed it.</summary>
    Unsubscribed,

    /// <summary>It neither read nor waited for <see cref="BroadcastHubOptions{T}.IdleTimeout"/>.</summary>
    Idle,

    /// <summary>It missed more than <see cref="HubSubscriptionOptions{T}.MaxMissed"/> messages in one gap.</summary>
    Lagged,

    /// <summary>The hub was completed, and everything there was has been read.</summary>
    Completed,

    /// <summary>The hub was disposed.</summary>
    Disposed,
}
