using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Store;

/// <summary>The bound against what the heap really grows by, in a process that does nothing else.</summary>
public class ConversationStoreHeapTests
{
    [Fact]
    public async Task EmptyAndFilledSeveralTimesOver_WhateverIsSaid_RetainsWhatItIsCharged()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("conversation-store-heap");

        string[][] rows = [.. output.Split('\n').Select(line => line.Split(';'))];
        string[][] empty = [.. rows.Where(row => row[0] == "empty")];
        Assert.Equal(3, empty.Length);
        Assert.All(empty, row => Assert.InRange(Number(row[3]), 1, Number(row[2])));
        string[][] full = [.. rows.Where(row => row[0] == "heap")];
        Assert.Equal(4, full.Length);
        Assert.All(full, row =>
        {
            (long bound, long charged, long retained) = (Number(row[2]), Number(row[3]), Number(row[4]));
            Assert.InRange(charged, (long)(0.9 * bound), bound);
            Assert.InRange(retained, (long)(0.95 * charged), charged + (64 * 1024));
        });
        Assert.True(exitCode == 0, output);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
