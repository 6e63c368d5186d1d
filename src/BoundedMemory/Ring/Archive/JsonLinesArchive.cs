using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BoundedMemory;

/// <summary>An archive of files with one JSON document a line, bounded in bytes and files: the oldest file is deleted before more would be written.</summary>
/// <remarks>
/// <para><b>What is kept.</b> A batch is written in one piece or not at all; what a failed write has left is cut off. A process that is killed while it
/// writes leaves at most one line without an end: it is skipped when read, cut off when writing goes on, counted both times, and never taken for an item.
/// What <see cref="FlushAsync"/> has acknowledged is on the disk.</para>
/// <para><b>What is lost.</b> Whole files, the oldest, when a bound is reached: counted. Items that cannot be serialised, or are longer than a file may be:
/// refused, and counted. Without a flush, what was written last, if the machine dies (not if only the process does).</para>
/// <para><b>Thread safety.</b> All members are thread-safe; writes come one after the other. One process, and one archive in it, may write to a directory
/// and prefix at a time; any number may read.</para>
/// </remarks>
/// <typeparam name="T">Type of the items.</typeparam>
/// <example>
/// <code>
/// using var archive = new JsonLinesArchive&lt;Trade&gt;(new() { Directory = folder, MaxBytes = 50_000_000 }, TradeJson.Default.Trade);
/// using var trades = new RingBuffer&lt;Trade&gt;(new() { MaxCount = 1000, Archive = archive, ArchiveAbove = 500, KeepInMemory = 100 });
/// trades.Add(new Trade("ABC", 12.5m));
/// trades.Spill();
/// await trades.FlushArchiveAsync();
/// await foreach (Trade trade in archive.ReadAsync())
///     Console.WriteLine(trade);
/// </code>
/// </example>
[DebuggerDisplay("{_files.Count} files, {_files.Bytes} bytes")]
public sealed partial class JsonLinesArchive<T> : IItemArchive<T>, IDisposable
{
    /// <summary>Bytes of lines that are collected before they are written.</summary>
    private const int PieceBytes = 128 * 1024;

    private readonly Lock _gate = new();
    private readonly JsonTypeInfo<T> _typeInfo;
    private readonly JsonLinesFiles _files;
    private readonly bool _flushesEachBatch;
    private ArrayBufferWriter<byte> _line = new();
    private ArrayBufferWriter<byte> _piece = new();
    private long _written;
    private long _refused;
    private long _tornLines;
    private long _unreadableLines;
    private long _flushes;
    private long _failures;
    private bool _isDisposed;

    /// <summary>Creates an archive. The directory is not touched before the first item is written.</summary>
    /// <param name="options">Where and how much; copied.</param>
    /// <param name="typeInfo">How items are serialised, from a source-generated context for instance: <c>MyContext.Default.MyItem</c>.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of its range; the message names it, its value and its range.</exception>
    public JsonLinesArchive(JsonLinesArchiveOptions options, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(typeInfo);
        OptionErrors.ThrowFirst(options.FindErrors());
        _typeInfo = typeInfo;
        _files = new JsonLinesFiles(options);
        _flushesEachBatch = options.Flush == JsonLinesFlush.EachBatch;
    }

    /// <summary>Creates an archive whose items are serialised by reflection. The directory is not touched before the first item is written.</summary>
    /// <param name="options">Where and how much; copied.</param>
    /// <param name="serializerOptions">How items are serialised; null: <see cref="JsonSerializerOptions.Default"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of its range; the message names it, its value and its range.</exception>
    /// <exception cref="NotSupportedException">The serialiser cannot handle items of this type.</exception>
    [RequiresUnreferencedCode("Items are serialised by reflection; give a JsonTypeInfo<T> instead.")]
    [RequiresDynamicCode("Items are serialised by reflection; give a JsonTypeInfo<T> instead.")]
    public JsonLinesArchive(JsonLinesArchiveOptions options, JsonSerializerOptions? serializerOptions = null)
        : this(options, (JsonTypeInfo<T>)(serializerOptions ?? JsonSerializerOptions.Default).GetTypeInfo(typeof(T)))
    {
    }

    /// <summary>What the archive has done and holds.</summary>
    public JsonLinesArchiveStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new JsonLinesArchiveStatistics
                {
                    Written = _written,
                    Refused = _refused,
                    Bytes = _files.Bytes,
                    Files = _files.Count,
                    FilesDeleted = _files.FilesDeleted,
                    BytesDeleted = _files.BytesDeleted,
                    TornLines = _files.TornLines + Interlocked.Read(ref _tornLines),
                    UnreadableLines = Interlocked.Read(ref _unreadableLines),
                    Flushes = _flushes,
                    Failures = _failures,
                };
            }
        }
    }

    /// <summary>Writes items, one line each. The disk is accessed on the calling thread.</summary>
    /// <param name="items">The items, oldest first.</param>
    /// <param name="cancellationToken">Looked at before anything is written.</param>
    /// <returns>How many of the first items were written or refused; fewer than given if writing failed after some.</returns>
    /// <exception cref="IOException">Writing failed, and nothing was written: the disk is full, for instance.</exception>
    /// <exception cref="UnauthorizedAccessException">Writing is not permitted; nothing was written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was signalled.</exception>
    /// <exception cref="ObjectDisposedException">The archive is disposed.</exception>
    public ValueTask<ArchiveResult> WriteAsync(ReadOnlyMemory<T> items, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return new ValueTask<ArchiveResult>(Write(items.Span));
        }
    }

    /// <summary>Makes everything durable that was written before.</summary>
    /// <param name="cancellationToken">Ends the wait, not the flush.</param>
    /// <exception cref="IOException">The disk has failed; what was written last may not be durable.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was signalled.</exception>
    /// <exception cref="ObjectDisposedException">The archive is disposed.</exception>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        new(Task.Run(Flush, cancellationToken).WaitAsync(cancellationToken));

    /// <summary>Makes what was written durable, if that is possible, and closes the file. Reading stays possible.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            try
            {
                _flushes += _files.Flush() ? 1 : 0;
            }
            catch (IOException)
            {
                _failures++;
            }

            _files.Dispose();
        }
    }

    private void Flush()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                _flushes += _files.Flush() ? 1 : 0;
            }
            catch (Exception)
            {
                _failures++;
                throw;
            }
        }
    }

    /// <summary>Writes pieces, each within one file. If one fails after others have succeeded, what was written stays written.</summary>
    private ArchiveResult Write(ReadOnlySpan<T> items)
    {
        int written = 0;
        int refused = 0;
        int inPiece = 0;
        int refusedSince = 0;
        try
        {
            foreach (T item in items)
            {
                if (!TrySerialize(item))
                {
                    refusedSince++;
                    continue;
                }

                if (inPiece > 0 && _piece.WrittenCount + _line.WrittenCount > Math.Min(PieceBytes, Math.Max(_files.Room, _piece.WrittenCount)))
                {
                    Commit();
                }

                _piece.Write(_line.WrittenSpan);
                inPiece++;
            }

            Commit();
            if (_flushesEachBatch)
            {
                _flushes += _files.Flush() ? 1 : 0;
            }
        }
        catch (Exception)
        {
            _failures++;
            _files.TryRepair();
            if (written + refused == 0)
            {
                throw;
            }
        }
        finally
        {
            Reset(ref _piece);
            Reset(ref _line);
        }

        _written += written;
        _refused += refused;
        return new ArchiveResult(written, refused);

        void Commit()
        {
            if (inPiece > 0)
            {
                _files.Append(_piece.WrittenSpan);
            }

            written += inPiece;
            refused += refusedSince;
            inPiece = refusedSince = 0;
            _piece.ResetWrittenCount();
        }
    }

    private bool TrySerialize(T item)
    {
        _line.ResetWrittenCount();
        try
        {
            using var writer = new Utf8JsonWriter(_line);
            JsonSerializer.Serialize(writer, item, _typeInfo);
        }
        catch (Exception)
        {
            return false;
        }

        // A line feed within a document is white space, and can only come from a converter that writes raw text.
        _line.GetSpan(1)[0] = (byte)'\n';
        _line.Advance(1);
        return _line.WrittenCount <= _files.MaxFileBytes && _line.WrittenSpan.IndexOf((byte)'\n') == _line.WrittenCount - 1;
    }

    /// <summary>One large item does not make the archive hold on to its size.</summary>
    private static void Reset(ref ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > 2 * PieceBytes)
        {
            buffer = new ArrayBufferWriter<byte>();
        }
        else
        {
            buffer.ResetWrittenCount();
        }
    }
}
