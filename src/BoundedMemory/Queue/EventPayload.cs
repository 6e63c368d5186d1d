using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BoundedMemory;

/// <summary>The data of an event, encoded once when it is published, for any number of subscribers: what a <c>BroadcastHub&lt;EventPayload&gt;</c> holds that feeds
/// server-sent events.</summary>
/// <remarks>Immutable and thread-safe. Its bytes are there when it is published, so the hub charges what it really holds; nothing grows later.</remarks>
/// <example>
/// <code>
/// EventPayload payload = EventPayload.FromJson(quote, QuoteJson.Default.Quote, "quote");
/// hub.Publish(payload);
/// </code>
/// </example>
[DebuggerDisplay("{EventType,nq}: {Utf8.Length} bytes")]
public sealed class EventPayload
{
    /// <summary>UTF-8 that no one else changes.</summary>
    private readonly byte[] _utf8;

    private EventPayload(byte[] utf8, string? eventType)
    {
        if (eventType is not null && eventType.AsSpan().ContainsAny('\r', '\n'))
        {
            throw new ArgumentException("An event type must not contain line breaks.", nameof(eventType));
        }

        _utf8 = utf8;
        EventType = eventType;
        HasLineBreaks = utf8.AsSpan().ContainsAny((byte)'\r', (byte)'\n');
    }

    /// <summary>The data, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8;

    /// <summary>Type of the event; null: a client's <c>message</c>.</summary>
    public string? EventType { get; }

    /// <summary>The array itself, which must not be changed.</summary>
    internal byte[] Array => _utf8;

    /// <summary>Whether the data are more than one line.</summary>
    internal bool HasLineBreaks { get; }

    /// <summary>Takes data that are encoded already; copied.</summary>
    /// <param name="utf8">UTF-8, of any number of lines.</param>
    /// <param name="eventType">Type of the event, without line breaks; null for none. One instance for all events of a type costs least.</param>
    /// <exception cref="ArgumentException"><paramref name="eventType"/> contains a line break.</exception>
    public static EventPayload FromUtf8(ReadOnlySpan<byte> utf8, string? eventType = null) => new(utf8.ToArray(), eventType);

    /// <summary>Encodes text.</summary>
    /// <param name="text">Any number of lines.</param>
    /// <param name="eventType">Type of the event, without line breaks; null for none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="eventType"/> contains a line break.</exception>
    public static EventPayload FromText(string text, string? eventType = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new EventPayload(Encoding.UTF8.GetBytes(text), eventType);
    }

    /// <summary>Encodes a value as JSON.</summary>
    /// <typeparam name="TValue">Type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="jsonTypeInfo">How it is encoded: from a source-generated context, or from <see cref="JsonSerializerOptions.GetTypeInfo(Type)"/>.</param>
    /// <param name="eventType">Type of the event, without line breaks; null for none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="jsonTypeInfo"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="eventType"/> contains a line break.</exception>
    public static EventPayload FromJson<TValue>(TValue value, JsonTypeInfo<TValue> jsonTypeInfo, string? eventType = null) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, jsonTypeInfo), eventType);

    /// <summary>The data as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_utf8);
}
