namespace BoundedMemory;

/// <summary>What a window belongs to, and takes its bytes from: nobody, a budget, or a place in a store.</summary>
/// <remarks>Called with the window's lock held: an implementation runs nobody's callbacks, and takes only locks under which no window is used. What others are to be told about waits
/// for <see cref="TakeDeferred"/>.</remarks>
internal interface IWindowOwner<TMessage>
{
    /// <summary>Takes bytes; false, and nothing has changed, if there is no room for them and none can be made.</summary>
    /// <param name="bytes">At least 0, a multiple of 8.</param>
    bool TryGrow(long bytes);

    /// <summary>Gives bytes back, after what they paid for has gone.</summary>
    /// <param name="bytes">At least 0, a multiple of 8.</param>
    void Shrink(long bytes);

    /// <summary>Takes note of a message that is going to be appended, once everything else is certain: it is appended if, and only if, this returns
    /// <see cref="AppendResult.Appended"/>.</summary>
    /// <param name="message">It, whole.</param>
    /// <param name="bytes">What it is charged with in the window.</param>
    AppendResult TryKeep(in StoredMessage<TMessage> message, long bytes);

    /// <summary>What is to be run once the lock is released; null if nothing.</summary>
    Action? TakeDeferred();

    /// <summary>Asks others who share the budget for the room that was refused last, before it is tried again. Under no lock.</summary>
    void AskOthers();
}
