namespace BoundedMemory;

/// <summary>A message as one subscriber of a <see cref="BroadcastHub{T}"/> reads it.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
/// <param name="Sequence">Number of the message in its hub: 1 for the first, one more for each that follows.</param>
/// <param name="Missed">Messages that left between the one this subscriber read before and this one, and that it will never see; 0 where there is no gap.
/// Without a private queue those that its filter would have held back are among them.</param>
/// <param name="Value">What was published.</param>
public readonly record struct HubMessage<T>(long Sequence, long Missed, T Value);
