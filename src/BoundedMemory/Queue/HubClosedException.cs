namespace BoundedMemory;

/// <summary>A message was asked for, and there will be none: the subscription has ended.</summary>
public sealed class HubClosedException : InvalidOperationException
{
    /// <summary>Creates the exception without a cause; subscriptions use the constructor that has one.</summary>
    public HubClosedException()
        : base("The subscription has ended.")
    {
    }

    /// <summary>Creates the exception with a message of your own.</summary>
    /// <param name="message">What ended and why.</param>
    public HubClosedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message of your own and its cause.</summary>
    /// <param name="message">What ended and why.</param>
    /// <param name="innerException">The cause.</param>
    public HubClosedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for one subscription.</summary>
    /// <param name="hub">Name of the hub.</param>
    /// <param name="cause">Why the subscription ended.</param>
    public HubClosedException(string hub, HubCloseCause cause)
        : base($"The subscription to the hub '{hub}' has ended: {cause}.") => Cause = cause;

    /// <summary>Why the subscription ended.</summary>
    public HubCloseCause Cause { get; }
}
