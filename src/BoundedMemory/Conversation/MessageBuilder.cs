using System.Diagnostics;

namespace BoundedMemory;

/// <summary>A message that arrives in pieces, such as a model's answer: bounded while it grows, and in the window once it is complete.</summary>
/// <remarks>
/// <para>However the text is cut into pieces, also inside of a surrogate pair, the result is that of <see cref="ConversationWindow{TMessage}.Append(TMessage)"/> with the adapter's message for
/// all of it. What has arrived counts in the window's <see cref="ConversationWindow{TMessage}.Bytes"/>, and makes others leave as the message would; as its buffer is up to 3 % and 2 KB
/// larger than the message, one more may leave. Where there is no more room even so, only what the truncation needs is kept from then on
/// (<see cref="ConversationWindowOptions{TMessage}.Content"/>, where <see cref="OversizeGroup.TruncateThenDrop"/> allows it); otherwise the message is <see cref="AppendResult.TooLarge"/>.</para>
/// <para>What has left to make room has left, even if the message is given up in the end.</para>
/// <para>Thread-safe. Dispose it: one that is neither complete nor disposed keeps its bytes.</para>
/// </remarks>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
/// <example>
/// <code>
/// using MessageBuilder&lt;ConversationMessage&gt; answer = window.BeginMessage(MessageRole.Assistant);
/// answer.Append("A quorum is ");
/// answer.Append("a majority.");
/// answer.Complete(out long sequence);
/// </code>
/// </example>
[DebuggerDisplay("{Role}: {Length} characters")]
public sealed class MessageBuilder<TMessage> : IDisposable
{
    private readonly WindowCore<TMessage> _core;
    private long _length;

    internal MessageBuilder(WindowCore<TMessage> core, MessageRole role, in MessageDescription description)
    {
        _core = core;
        Role = role;
        Description = description;
    }

    /// <summary>Characters that have arrived: UTF-16 code units.</summary>
    public long Length => Volatile.Read(in _length);

    internal MessageRole Role { get; }

    internal MessageDescription Description { get; }

    /// <summary>What has arrived; null while nothing has, and in the end. Under the core's lock, as all that follows.</summary>
    internal StreamedText? Text { get; set; }

    /// <summary>Bytes taken for it.</summary>
    internal long Charged { get; set; }

    /// <summary>Whether others have left for it.</summary>
    internal bool HasTrimmed { get; set; }

    /// <summary>Why it takes nothing more.</summary>
    internal AppendResult? Refused { get; set; }

    internal bool IsEnded { get; set; }

    /// <summary>What is to be let go when the message is complete or given up.</summary>
    internal IDisposable? Hold { get; set; }

    /// <summary>Appends a piece.</summary>
    /// <param name="text">It, as long or short as it comes; copied.</param>
    /// <returns><see cref="AppendResult.Appended"/>: taken. <see cref="AppendResult.TooLarge"/>, <see cref="AppendResult.Closed"/>: the message cannot become part of the
    /// window any more; its memory has been given back. <see cref="AppendResult.OverBudget"/>: this piece was not taken, and may be tried again.</returns>
    /// <exception cref="ObjectDisposedException">The message is complete or given up, or the window is disposed.</exception>
    public AppendResult Append(ReadOnlySpan<char> text)
    {
        AppendResult result = _core.AppendText(this, text);
        if (result == AppendResult.Appended)
        {
            Interlocked.Add(ref _length, text.Length);
        }

        return result;
    }

    /// <summary>Appends the message to the window.</summary>
    /// <param name="sequence">Its number in the conversation; -1 if it was refused.</param>
    /// <returns>As <see cref="ConversationWindow{TMessage}.Append(TMessage)"/>. After <see cref="AppendResult.OverBudget"/> and <see cref="AppendResult.Backlogged"/> it may be
    /// tried again; otherwise the builder has ended.</returns>
    /// <exception cref="ObjectDisposedException">The message is complete or given up, or the window is disposed.</exception>
    public AppendResult Complete(out long sequence)
    {
        AppendResult result = _core.Complete(this, out sequence);
        LetGo();
        return result;
    }

    /// <summary>Gives up the message if it is not complete.</summary>
    public void Dispose()
    {
        _core.Abandon(this);
        LetGo();
    }

    internal void ThrowIfEnded() => ObjectDisposedException.ThrowIf(IsEnded, this);

    private void LetGo()
    {
        if (IsEnded)
        {
            Hold?.Dispose();
            Hold = null;
        }
    }
}
