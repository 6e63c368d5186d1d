using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace BoundedMemory;

/// <summary>The files of an archive: appends lines to the newest, begins another when that is full or old, deletes the oldest before a bound would be
/// exceeded. Not thread-safe.</summary>
/// <remarks>Law: the lengths known here are those of complete lines, and everything beyond them is cut off before anything is written. A write counts
/// in full before it begins, so that one that fails half way is within the bound too.</remarks>
internal sealed class JsonLinesFiles(JsonLinesArchiveOptions options) : IDisposable
{
    private const string Extension = ".jsonl";
    private const string TimeFormat = "yyyyMMddHHmmss";

    private readonly string _directory = Path.GetFullPath(options.Directory);
    private readonly string _prefix = options.FilePrefix + "-";
    private readonly long _maxBytes = options.MaxBytes;
    private readonly int _maxFiles = options.MaxFiles;
    private readonly TimeSpan? _maxFileAge = options.MaxFileAge;
    private readonly TimeProvider _clock = options.TimeProvider;

    /// <summary>Oldest first; null until the directory has been looked at.</summary>
    private List<ArchiveFile>? _files;

    /// <summary>The newest file, open to be written to.</summary>
    private SafeFileHandle? _current;

    /// <summary>A write has failed: what it left is to be cut off.</summary>
    private bool _needsRepair;

    /// <summary>Something was written that may not be durable.</summary>
    private bool _isDirty;

    private long _bytes;

    public long MaxFileBytes { get; } = options.MaxFileBytes ?? options.MaxBytes / options.MaxFiles;

    public long Bytes => _bytes;

    public int Count => _files?.Count ?? 0;

    public long FilesDeleted { get; private set; }

    public long BytesDeleted { get; private set; }

    public long TornLines { get; private set; }

    /// <summary>How many bytes the next <see cref="Append"/> may have without beginning a new file; 0 if it begins one anyway.</summary>
    public long Room => _current is null || IsOld(_files![^1]) ? 0 : MaxFileBytes - _files[^1].Length;

    /// <summary>The files with the lengths of their complete lines, as far as these are known, oldest first.</summary>
    public List<ArchiveFile> List() => _files is null ? Scan() : [.. _files];

    /// <summary>Writes complete lines, all of them or nothing, into one file.</summary>
    /// <param name="lines">Not longer than a file may be.</param>
    public void Append(ReadOnlySpan<byte> lines)
    {
        _files ??= ScanToWrite();
        while (_current is null && _files.Count > 0 && !IsOld(_files[^1]) && !TryOpenNewest())
        {
            _bytes -= _files[^1].Length;
            _files.RemoveAt(_files.Count - 1);
        }

        Repair();
        if (Room < lines.Length)
        {
            BeginFile(lines.Length);
        }
        else
        {
            MakeRoom(lines.Length, newFiles: 0);
        }

        ArchiveFile file = _files[^1];
        _needsRepair = true;
        RandomAccess.Write(_current!, lines, file.Length);
        _needsRepair = false;
        _isDirty = true;
        _files[^1] = file with { Length = file.Length + lines.Length };
        _bytes += lines.Length;
    }

    /// <summary>Tries to cut off at once what a failed write has left; if that fails too, it is tried again before anything is written.</summary>
    public void TryRepair()
    {
        try
        {
            Repair();
        }
        catch (IOException)
        {
            // The reason why it failed is known from the write.
        }
    }

    /// <summary>Makes what has been written durable.</summary>
    public bool Flush()
    {
        if (_current is null || !_isDirty)
        {
            return false;
        }

        RandomAccess.FlushToDisk(_current);
        _isDirty = false;
        return true;
    }

    public void Dispose()
    {
        _current?.Dispose();
        _current = null;
        _files = null;
    }

    private void Repair()
    {
        if (_needsRepair)
        {
            RandomAccess.SetLength(_current!, _files![^1].Length);
            _needsRepair = false;
        }
    }

    private bool IsOld(ArchiveFile file) => _maxFileAge is { } most && _clock.GetUtcNow() - file.Begun >= most;

    /// <summary>What the former file holds is made durable first, so that a flush needs to look at one file only.</summary>
    private void BeginFile(long bytes)
    {
        Flush();
        MakeRoom(bytes, newFiles: 1);
        DateTimeOffset now = _clock.GetUtcNow();
        long number = _files!.Count == 0 ? 1 : _files[^1].Number + 1;
        string name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{number:D10}-{now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}{Extension}");
        var file = new ArchiveFile(Path.Combine(_directory, name), number, now, 0);
        Directory.CreateDirectory(_directory);
        SafeFileHandle handle = File.OpenHandle(file.Path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        _current?.Dispose();
        _current = handle;
        _files.Add(file);
    }

    private void MakeRoom(long bytes, int newFiles)
    {
        while (_files!.Count > 0 && (_bytes + bytes > _maxBytes || _files.Count + newFiles > _maxFiles))
        {
            ArchiveFile oldest = _files[0];
            if (_files.Count == 1)
            {
                _current?.Dispose();
                _current = null;
                _isDirty = false;
            }

            File.Delete(oldest.Path);
            _files.RemoveAt(0);
            _bytes -= oldest.Length;
            FilesDeleted++;
            BytesDeleted += oldest.Length;
        }
    }

    /// <summary>Opens the file that was written last, by an earlier process or this one, and cuts off the line that has no end. False if somebody has
    /// deleted it.</summary>
    private bool TryOpenNewest()
    {
        ArchiveFile file = _files![^1];
        if (!File.Exists(file.Path))
        {
            return false;
        }

        SafeFileHandle handle = File.OpenHandle(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            long length = RandomAccess.GetLength(handle);
            long complete = JsonLinesReader.EndOfLastLine(handle, length);
            if (complete < length)
            {
                RandomAccess.SetLength(handle, complete);
                TornLines++;
            }

            _bytes += complete - file.Length;
            _files[^1] = file with { Length = complete };
        }
        catch (Exception)
        {
            handle.Dispose();
            throw;
        }

        _current = handle;
        return true;
    }

    /// <summary>What earlier processes left may be more than is allowed now.</summary>
    private List<ArchiveFile> ScanToWrite()
    {
        List<ArchiveFile> files = Scan();
        _bytes = files.Sum(file => file.Length);
        return files;
    }

    private List<ArchiveFile> Scan()
    {
        var files = new List<ArchiveFile>();
        var directory = new DirectoryInfo(_directory);
        if (!directory.Exists)
        {
            return files;
        }

        foreach (FileInfo file in directory.EnumerateFiles($"{_prefix}*{Extension}"))
        {
            string[] parts = file.Name[_prefix.Length..^Extension.Length].Split('-');
            if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                && DateTimeOffset.TryParseExact(parts[1], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset begun))
            {
                files.Add(new ArchiveFile(file.FullName, number, begun, file.Length));
            }
        }

        files.Sort((x, y) => x.Number.CompareTo(y.Number));
        return files;
    }
}

/// <summary>A file of an archive.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Number">Running number; the newest has the highest.</param>
/// <param name="Begun">When it was created, to the second.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct ArchiveFile(string Path, long Number, DateTimeOffset Begun, long Length);
