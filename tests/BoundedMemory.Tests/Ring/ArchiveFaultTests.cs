using System.Diagnostics;
using System.Globalization;
using BoundedMemory.TestHost;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Ring;

/// <summary>Processes that are killed, and disks that are full.</summary>
public sealed class ArchiveFaultTests : IDisposable
{
    /// <summary>How often a writer is killed.</summary>
    private const int Kills = 50;

    private readonly string _directory = Directory.CreateTempSubdirectory("archive-faults").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Each of several series of writers goes on where the one before was killed.</summary>
    [Fact]
    public void Writer_KilledAtRandomMoments_EveryAcknowledgedFlushIsReadable()
    {
        var random = new Random(5);
        (int Flushes, int Milliseconds, int FileBytes)[] plans = [.. Enumerable.Range(0, Kills).Select(i => (random.Next(1, 40), random.Next(12), i % 2 == 0 ? 3000 : 1_000_000))];
        Threaded.Run(2, series =>
        {
            string directory = Path.Combine(_directory, $"{series}");
            int first = 1;
            for (int i = series; i < Kills; i += 2)
            {
                int acknowledged = RunAndKill(directory, first, plans[i]);
                using var archive = new JsonLinesArchive<ArchiveWriter.Reading>(new() { Directory = directory, MaxBytes = 1_000_000_000 }, ArchiveWriter.ReadingJson.Default.Reading);
                ArchiveWriter.Reading[] items = [.. archive.Read()];

                Assert.True(acknowledged >= first + (97 * (plans[i].Flushes - 1)), $"It was killed after {acknowledged}, having begun at {first}.");

                // From the first to at least the last that was acknowledged, without a gap, each as it was.
                Assert.True(items.Length >= acknowledged, $"{items.Length} items are there, {acknowledged} were acknowledged.");
                Assert.Equal(Enumerable.Range(1, items.Length).Select(ArchiveWriter.Reading.Of), items);
                Assert.Equal(0, archive.Statistics.UnreadableLines);
                first = items.Length + 1;
            }
        });
    }

    [Fact]
    public async Task Disk_Full_NothingIsLostUncountedAndItGoesOnWhenThereIsRoom()
    {
        string disk = Path.Combine(_directory, "disk");
        Directory.CreateDirectory(disk);
        if (!TryMount(disk))
        {
            return; // Only root can make a small disk.
        }

        try
        {
            var clock = new ManualTimeProvider();
            string ballast = Path.Combine(disk, "ballast");
            File.WriteAllBytes(ballast, new byte[400 * 1024]);
            using var archive = new JsonLinesArchive<ArchiveWriter.Reading>(new() { Directory = disk, MaxBytes = 10_000_000 }, ArchiveWriter.ReadingJson.Default.Reading);
            using var ring = new RingBuffer<ArchiveWriter.Reading>(new() { MaxCount = 1000, Archive = archive, TimeProvider = clock });
            int next = 1;
            Assert.True(SpinWait.SpinUntil(
                () =>
                {
                    if (ring.Statistics is { ArchiveFault: null, Backlog: 0 })
                    {
                        ring.Add(ArchiveWriter.Reading.Of(next++));
                    }

                    return ring.Statistics.ArchiveFault is IOException;
                },
                Patience.Limit));

            // What was written of the batch that failed is cut off: whole lines only, and as many as are counted.
            Assert.Equal(ring.Statistics.Archived, archive.Read().Count());
            Assert.Equal(0, archive.Statistics.TornLines);
            for (int i = 0; i < 2000; i++)
            {
                ring.Add(ArchiveWriter.Reading.Of(next++));
            }

            RingStatistics s = ring.Statistics;
            Assert.Equal(1000, s.Count + s.Backlog);
            Assert.Equal(next - 1, s.Count + s.Backlog + s.Archived + s.Evicted);
            Assert.True(s.Evicted > 500);
            await Assert.ThrowsAsync<IOException>(() => ring.FlushArchiveAsync().Soon());

            File.Delete(ballast);
            clock.Advance(TimeSpan.FromSeconds(5));
            ring.Spill();
            await ring.FlushArchiveAsync().Soon();
            Assert.Null(ring.Statistics.ArchiveFault);
            int[] numbers = [.. archive.Read().Select(item => item.Number)];
            long before = s.Archived;
            long lost = ring.Statistics.Evicted;
            Assert.Equal(Enumerable.Range(1, next - 1).Where(number => number <= before || number > before + lost), numbers);
            Assert.Equal(numbers.Length, ring.Statistics.Archived);
        }
        finally
        {
            Run("umount", disk);
        }
    }

    /// <summary>Kills a writer some time after so many flushes, and returns the number of the last item it said was flushed.</summary>
    private static int RunAndKill(string directory, int first, (int Flushes, int Milliseconds, int FileBytes) plan)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string host = Path.Combine(AppContext.BaseDirectory, "BoundedMemory.TestHost.dll");
        string[] arguments = ["exec", host, "archive-writer", directory, first.ToString(CultureInfo.InvariantCulture), plan.FileBytes.ToString(CultureInfo.InvariantCulture)];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        int acknowledged = 0;
        int flushes = 0;
        using var killer = new Timer(_ => process.Kill());
        while (process.StandardOutput.ReadLine() is { } line)
        {
            // What it says last may be torn: then it is shorter, and asks for less.
            acknowledged = Math.Max(acknowledged, int.Parse(line, CultureInfo.InvariantCulture));
            if (++flushes == plan.Flushes)
            {
                killer.Change(plan.Milliseconds, Timeout.Infinite);
            }
        }

        process.WaitForExit();
        return acknowledged;
    }

    private static bool TryMount(string directory) =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", directory) == 0;

    private static int Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
