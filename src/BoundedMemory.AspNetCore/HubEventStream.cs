using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace BoundedMemory;

/// <summary>Writes a subscription's messages to one response.</summary>
internal sealed class HubEventStream(HubSubscription<EventPayload> subscription, PipeWriter body, Action abort)
{
    /// <summary>Bytes written between two flushes at least, where there are so many: beyond that the client decides how fast it goes on.</summary>
    private const int FlushAfter = 16 * 1024;

    /// <summary>1 while a flush is under way, which only the client, or an abort, can end.</summary>
    private int _isFlushing;

    /// <summary>Bytes written since the last flush.</summary>
    private int _unflushed;

    public async Task RunAsync(HubEventOptions options, CancellationToken aborted)
    {
        using var heartbeat = new HubHeartbeat<EventPayload>(subscription, options.HeartbeatInterval);
        using CancellationTokenRegistration _ = subscription.Closed.UnsafeRegister(static stream => ((HubEventStream)stream!).OnClosed(), this);
        WriteStart(options);
        if (!await TryFlushAsync(aborted).ConfigureAwait(false))
        {
            return;
        }

        do
        {
            while (subscription.TryRead(out HubMessage<EventPayload> message))
            {
                if (message.Missed > 0)
                {
                    WriteGap(options, message.Missed, message.Sequence - 1);
                }

                WriteEvent(message.Sequence, message.Value);
                if (_unflushed >= FlushAfter && !await TryFlushAsync(aborted).ConfigureAwait(false))
                {
                    return;
                }
            }

            if (heartbeat.TakeDue())
            {
                Write(":\n\n"u8);
            }

            if (_unflushed > 0 && !await TryFlushAsync(aborted).ConfigureAwait(false))
            {
                return;
            }
        }
        while (await subscription.WaitAsync(forNudge: true, aborted).ConfigureAwait(false));
    }

    /// <summary>Ends a flush that nobody else would.</summary>
    private void OnClosed()
    {
        if (Volatile.Read(ref _isFlushing) != 0)
        {
            abort();
        }
    }

    /// <summary>Flushes; false: there is nobody to write for any more.</summary>
    /// <remarks>Whoever closes the subscription sets its cause, then looks whether a flush is under way; here that is announced, by a full fence, before the cause is
    /// looked at. At least one of the two sees the other, so no flush goes on for a subscription that is closed.</remarks>
    private async ValueTask<bool> TryFlushAsync(CancellationToken aborted)
    {
        Interlocked.Exchange(ref _isFlushing, 1);
        try
        {
            if (subscription.CloseCause is HubCloseCause.Idle or HubCloseCause.Disposed)
            {
                return false;
            }

            _unflushed = 0;
            FlushResult result = await body.FlushAsync(aborted).ConfigureAwait(false);
            return !result.IsCompleted && !result.IsCanceled;
        }
        finally
        {
            Volatile.Write(ref _isFlushing, 0);
        }
    }

    private void WriteStart(HubEventOptions options)
    {
        if (options.ReconnectAfter is { } wait)
        {
            Write("retry: "u8);
            WriteNumber((long)wait.TotalMilliseconds);
            Write("\n"u8);
        }

        Write(":\n\n"u8);
        if (subscription.Resume == HubResume.Unknown)
        {
            WriteGap(options, missed: null, id: null);
        }
    }

    private void WriteGap(HubEventOptions options, long? missed, long? id)
    {
        if (id is { } sequence)
        {
            WriteId(sequence);
        }

        Write("event: "u8);
        WriteText(options.GapEventType);
        Write("\ndata: "u8);
        WriteText(HubEvents.GapNotice(missed));
        Write("\n\n"u8);
    }

    private void WriteEvent(long sequence, EventPayload payload)
    {
        WriteId(sequence);
        if (payload.EventType is { } type)
        {
            Write("event: "u8);
            WriteText(type);
            Write("\n"u8);
        }

        ReadOnlySpan<byte> rest = payload.Array;
        while (payload.HasLineBreaks && rest.IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var at)
        {
            WriteLine(rest[..at]);
            bool isPair = rest[at] == '\r' && at + 1 < rest.Length && rest[at + 1] == '\n';
            rest = rest[(at + (isPair ? 2 : 1))..];
        }

        WriteLine(rest);
        Write("\n"u8);
    }

    private void WriteLine(ReadOnlySpan<byte> line)
    {
        Write("data: "u8);
        Write(line);
        Write("\n"u8);
    }

    private void WriteId(long sequence)
    {
        Write("id: "u8);
        WriteNumber(sequence);
        Write("\n"u8);
    }

    private void WriteNumber(long number)
    {
        const int LongestNumber = 20;
        number.TryFormat(body.GetSpan(LongestNumber), out int written, provider: CultureInfo.InvariantCulture);
        Advance(written);
    }

    private void WriteText(string text) => Advance(Encoding.UTF8.GetBytes(text, body.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));

    private void Write(ReadOnlySpan<byte> bytes)
    {
        body.Write(bytes);
        _unflushed += bytes.Length;
    }

    private void Advance(int bytes)
    {
        body.Advance(bytes);
        _unflushed += bytes;
    }
}
