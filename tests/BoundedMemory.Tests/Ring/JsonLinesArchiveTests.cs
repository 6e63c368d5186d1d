using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Ring;

public sealed partial class JsonLinesArchiveTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("json-lines").FullName;
    private readonly ManualTimeProvider _clock = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Read_WhatWasWritten_IsTheSameItemsInTheirOrder()
    {
        Entry[] items = [.. Enumerable.Range(0, 1000).Select(i => new Entry(i, $"text \n \"{i}\" ü \u2028", i % 3 == 0 ? null : i / 7.0))];
        using JsonLinesArchive<Entry> archive = Create();
        foreach (Entry[] batch in items.Chunk(64))
        {
            Assert.Equal(new ArchiveResult(batch.Length), await archive.WriteAsync(batch));
        }

        Assert.Equal(items, archive.Read());
        Assert.Equal(items, await archive.ReadAsync().ToListAsync());
        using JsonLinesArchive<Entry> reader = Create();
        Assert.Equal(items, reader.Read());
        Assert.Equal(1000, archive.Statistics.Written);
        Assert.Equal(Sizes().Sum(), archive.Statistics.Bytes);
    }

    [Fact]
    public async Task ReflectionAndIndentation_AreOneLineAnItemToo()
    {
        using var archive = new JsonLinesArchive<Entry>(new() { Directory = _directory }, new JsonSerializerOptions { WriteIndented = true, TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver() });
        await archive.WriteAsync(new Entry[] { new(1, "a", null), new(2, "b", 1) });
        Assert.Equal(2, File.ReadAllLines(Assert.Single(Files())).Length);
        Assert.Equal([1, 2], archive.Read().Select(item => item.Number));
    }

    [Fact]
    public async Task MaxBytesAndMaxFiles_AreNeverExceededAndTheOldestFilesGo()
    {
        using JsonLinesArchive<Entry> archive = Create(o => (o.MaxBytes, o.MaxFiles, o.MaxFileBytes) = (20_000, 5, 6000));
        for (int i = 0; i < 3000; i++)
        {
            await archive.WriteAsync(new[] { new Entry(i, new string('x', i % 200), null) });
            if (i % 10 == 0)
            {
                long[] sizes = [.. Sizes()];
                Assert.True(sizes.Sum() <= 20_000 && sizes.Length <= 5 && sizes.All(size => size <= 6000), string.Join(" ", sizes));
                Assert.Equal((sizes.Sum(), sizes.Length), (archive.Statistics.Bytes, archive.Statistics.Files));
            }
        }

        int[] left = [.. archive.Read().Select(item => item.Number)];
        Assert.Equal(Enumerable.Range(3000 - left.Length, left.Length), left);
        Assert.InRange(left.Length, 50, 1000);
        Assert.True(archive.Statistics.FilesDeleted > 5);
        Assert.True(archive.Statistics.BytesDeleted > 50_000);
    }

    [Fact]
    public async Task MaxFileAge_Reached_TheNextItemBeginsAFile()
    {
        using JsonLinesArchive<Entry> archive = Create(o => o.MaxFileAge = TimeSpan.FromHours(1));
        await archive.WriteAsync(new[] { new Entry(1, "", null) });
        _clock.Advance(TimeSpan.FromMinutes(59));
        await archive.WriteAsync(new[] { new Entry(2, "", null) });
        Assert.Single(Files());
        _clock.Advance(TimeSpan.FromMinutes(1));
        await archive.WriteAsync(new[] { new Entry(3, "", null) });
        Assert.Equal(2, Files().Length);
        archive.Dispose();

        // The age is that of the file, not of the process.
        _clock.Advance(TimeSpan.FromMinutes(60));
        using JsonLinesArchive<Entry> next = Create(o => o.MaxFileAge = TimeSpan.FromHours(1));
        await next.WriteAsync(new[] { new Entry(4, "", null) });
        Assert.Equal(3, Files().Length);
        Assert.Equal([1, 2, 3, 4], next.Read().Select(item => item.Number));
    }

    [Fact]
    public async Task Restart_BoundsLowered_AreKeptBeforeAnythingIsWritten()
    {
        using (JsonLinesArchive<Entry> large = Create(o => (o.MaxFiles, o.MaxFileBytes) = (100, 1000)))
        {
            await large.WriteAsync(Enumerable.Range(0, 500).Select(i => new Entry(i, "", null)).ToArray());
        }

        Assert.True(Files().Length > 6);
        using JsonLinesArchive<Entry> small = Create(o => (o.MaxBytes, o.MaxFiles) = (5000, 3));
        await small.WriteAsync(new[] { new Entry(500, "", null) });
        Assert.True(Files().Length <= 3 && Sizes().Sum() <= 5000);
        Assert.Equal(500, small.Read().Last().Number);
    }

    /// <summary>Numbers, because the beginning of a number is a number too: what is torn must not be taken for an item.</summary>
    [Fact]
    public async Task LastLine_TornAtAnyByte_IsSkippedCutOffAndCounted()
    {
        byte[] whole = Encoding.UTF8.GetBytes("11\n22\n1234567\n");
        for (int length = 6; length <= whole.Length; length++)
        {
            string directory = Path.Combine(_directory, $"{length}");
            Directory.CreateDirectory(directory);
            string file = Path.Combine(directory, "items-0000000007-20260101000000.jsonl");
            File.WriteAllBytes(file, whole[..length]);
            bool isTorn = length is > 6 and < 14;
            int[] expected = length == whole.Length ? [11, 22, 1234567] : [11, 22];

            using var archive = new JsonLinesArchive<int>(new() { Directory = directory }, EntryJson.Default.Int32);
            Assert.Equal(expected, archive.Read());
            Assert.Equal(expected, await archive.ReadAsync().ToListAsync());
            Assert.Equal(isTorn ? 2 : 0, archive.Statistics.TornLines);
            await archive.WriteAsync((int[])[33]);
            Assert.Equal([.. expected, 33], archive.Read());
            Assert.Equal(isTorn ? 3 : 0, archive.Statistics.TornLines);
            Assert.Equal(string.Concat(expected.Select(i => $"{i}\n")) + "33\n", File.ReadAllText(file));
            Assert.Equal(0, archive.Statistics.UnreadableLines);
        }
    }

    [Fact]
    public async Task LongTornLine_LongerThanTheReadersChunk_IsCutOff()
    {
        string file = Path.Combine(_directory, "items-0000000001-20260101000000.jsonl");
        File.WriteAllText(file, "1\n" + new string('2', 100_000));
        using var archive = new JsonLinesArchive<int>(new() { Directory = _directory }, EntryJson.Default.Int32);
        await archive.WriteAsync((int[])[3]);
        Assert.Equal("1\n3\n", File.ReadAllText(file));
        File.WriteAllText(file, new string('2', 100_000));
        using var again = new JsonLinesArchive<int>(new() { Directory = _directory }, EntryJson.Default.Int32);
        await again.WriteAsync((int[])[3]);
        Assert.Equal("3\n", File.ReadAllText(file));
    }

    [Fact]
    public void Read_LinesThatAreNotItems_AreSkippedAndCounted()
    {
        File.WriteAllText(Path.Combine(_directory, "items-0000000001-20260101000000.jsonl"), "1\nnonsense\n\0\0\0\n\n{}\n2\n");
        File.WriteAllText(Path.Combine(_directory, "items-x-20260101000000.jsonl"), "3\n");
        File.WriteAllText(Path.Combine(_directory, "other-0000000001-20260101000000.jsonl"), "4\n");
        using var archive = new JsonLinesArchive<int>(new() { Directory = _directory }, EntryJson.Default.Int32);
        Assert.Equal([1, 2], archive.Read());
        Assert.Equal(4, archive.Statistics.UnreadableLines);
    }

    [Fact]
    public async Task Items_ThatCannotBeWritten_AreRefusedAndTheOthersWritten()
    {
        using JsonLinesArchive<Entry> archive = Create(o => o.MaxFileBytes = 1000);
        ArchiveResult result = await archive.WriteAsync(new[] { new Entry(1, "", null), new Entry(2, new string('x', 1000), null), new Entry(3, "", double.NaN), new Entry(4, "", null) });
        Assert.Equal(new ArchiveResult(2, 2), result);
        Assert.Equal([1, 4], archive.Read().Select(item => item.Number));
        Assert.Equal((2L, 2L), (archive.Statistics.Written, archive.Statistics.Refused));
    }

    [Fact]
    public async Task DirectoryMissing_OrNotPermitted_ThrowsAndResumes()
    {
        string directory = Path.Combine(_directory, "file");
        File.WriteAllText(directory, "in the way");
        using JsonLinesArchive<Entry> archive = Create(o => o.Directory = directory);
        await Assert.ThrowsAsync<IOException>(() => archive.WriteAsync(new[] { new Entry(1, "", null) }).Soon());
        Assert.Empty(archive.Read());
        File.Delete(directory);
        await archive.WriteAsync(new[] { new Entry(2, "", null) });
        Assert.Equal([2], archive.Read().Select(item => item.Number));
        Assert.Equal(1, archive.Statistics.Failures);
    }

    [Fact]
    public async Task FilesDeletedBySomebody_AreMissedOnlyByReaders()
    {
        using (JsonLinesArchive<Entry> first = Create())
        {
            await first.WriteAsync(new[] { new Entry(1, "", null) });
        }

        using JsonLinesArchive<Entry> archive = Create();
        IEnumerable<Entry> items = archive.Read();
        File.Delete(Assert.Single(Files()));
        Assert.Empty(items);
        await archive.WriteAsync(new[] { new Entry(2, "", null) });
        Assert.Equal([2], archive.Read().Select(item => item.Number));
    }

    [Fact]
    public async Task Flush_ByPolicy_HappensWhenItIsDue()
    {
        using JsonLinesArchive<Entry> onRequest = Create();
        await onRequest.WriteAsync(new[] { new Entry(1, "", null) });
        Assert.Equal(0, onRequest.Statistics.Flushes);
        await onRequest.FlushAsync();
        await onRequest.FlushAsync();
        Assert.Equal(1, onRequest.Statistics.Flushes);
        using JsonLinesArchive<Entry> each = Create(o => (o.Flush, o.FilePrefix) = (JsonLinesFlush.EachBatch, "each"));
        await each.WriteAsync(new[] { new Entry(1, "", null) });
        Assert.Equal(1, each.Statistics.Flushes);
        each.Dispose();
        each.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => each.WriteAsync(new[] { new Entry(1, "", null) }).Soon());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => each.FlushAsync().AsTask().Soon());
        Assert.Single(each.Read());
    }

    [Fact]
    public void Options_Illegal_AreNamed()
    {
        (Action<JsonLinesArchiveOptions> Change, string Option)[] illegal =
        [
            (o => o.Directory = " ", "Directory"), (o => o.FilePrefix = "a/b", "FilePrefix"), (o => o.FilePrefix = "a*", "FilePrefix"), (o => o.MaxBytes = 4095, "MaxBytes"),
            (o => o.MaxFiles = 1, "MaxFiles"), (o => o.MaxFileBytes = 60_000_000, "MaxFileBytes"), (o => (o.MaxBytes, o.MaxFiles) = (4096, 17), "MaxFiles"),
            (o => o.MaxFileAge = TimeSpan.Zero, "MaxFileAge"), (o => o.Flush = (JsonLinesFlush)9, "Flush"), (o => o.TimeProvider = null!, "TimeProvider"),
        ];
        Assert.All(illegal, wrong => Assert.Equal(wrong.Option, Assert.ThrowsAny<ArgumentException>(() => Create(wrong.Change)).ParamName));
    }

    private JsonLinesArchive<Entry> Create(Action<JsonLinesArchiveOptions>? change = null)
    {
        var options = new JsonLinesArchiveOptions { Directory = _directory, TimeProvider = _clock };
        change?.Invoke(options);
        return new JsonLinesArchive<Entry>(options, EntryJson.Default.Entry);
    }

    private string[] Files() => Directory.GetFiles(_directory, "*.jsonl");

    private IEnumerable<long> Sizes() => Files().Select(file => new FileInfo(file).Length);

    internal sealed record Entry(int Number, string Text, double? Value);

    [JsonSerializable(typeof(Entry))]
    [JsonSerializable(typeof(int))]
    internal sealed partial class EntryJson : JsonSerializerContext;
}
