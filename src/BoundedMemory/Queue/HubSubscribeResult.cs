namespace BoundedMemory;

/// <summary>What became of a request to subscribe to a <see cref="BroadcastHub{T}"/>.</summary>
public enum HubSubscribeResult
{
    /// <summary>There is a new subscription.</summary>
    Subscribed,

    /// <summary>Refused: there are <see cref="BroadcastHubOptions{T}.MaxSubscribers"/>.</summary>
    TooManySubscribers,

    /// <summary>Refused: subscriptions would take more than half of the hub's bytes, or the budget has no room.</summary>
    OverBudget,

    /// <summary>Refused: the hub was completed.</summary>
    Completed,
}
