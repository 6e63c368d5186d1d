#pragma warning disable CS1591, CA1711, IDE0060 // Skeleton.
namespace BoundedMemory;

/// <summary>A message that arrives in pieces.</summary>
public sealed class MessageBuilder<TMessage> : IDisposable
{
    public AppendResult Append(ReadOnlySpan<char> text) => throw new NotImplementedException();

    /// <summary>Characters that have arrived.</summary>
    public long Length => throw new NotImplementedException();

    public AppendResult Complete(out long sequence) => throw new NotImplementedException();

    /// <summary>Gives up the message if it is not complete.</summary>
    public void Dispose() => throw new NotImplementedException();
}
