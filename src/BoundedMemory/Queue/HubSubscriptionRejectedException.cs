namespace BoundedMemory;

/// <summary>A <see cref="BroadcastHub{T}"/> refused a subscriber; nothing has changed.</summary>
public sealed class HubSubscriptionRejectedException : Exception
{
    /// <summary>Creates the exception without a reason; hubs use the constructor that has one.</summary>
    public HubSubscriptionRejectedException()
        : base("A hub refused a subscriber.")
    {
    }

    /// <summary>Creates the exception with a message of your own.</summary>
    /// <param name="message">What was refused and why.</param>
    public HubSubscriptionRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message of your own and its cause.</summary>
    /// <param name="message">What was refused and why.</param>
    /// <param name="innerException">The cause.</param>
    public HubSubscriptionRejectedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for one refusal.</summary>
    /// <param name="hub">Name of the hub.</param>
    /// <param name="reason">Why it refused.</param>
    /// <param name="subscribers">Subscribers it has.</param>
    public HubSubscriptionRejectedException(string hub, HubSubscribeResult reason, long subscribers)
        : base($"The hub '{hub}', which has {subscribers} subscribers, refused another: {reason}.")
    {
        Reason = reason;
        Subscribers = subscribers;
    }

    /// <summary>Why it was refused.</summary>
    public HubSubscribeResult Reason { get; }

    /// <summary>Subscribers the hub had.</summary>
    public long Subscribers { get; }
}
