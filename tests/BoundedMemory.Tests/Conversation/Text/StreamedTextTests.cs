using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Text;

public class StreamedTextTests
{
    [Fact]
    public void Bytes_AtEveryMoment_IsWhatTheSizerMeasures()
    {
        foreach (TextTruncation truncation in Texts.Truncations(100, "…"))
        {
            var streamed = new StreamedText();
            for (int i = 0; i < 300; i++)
            {
                if (i == 150)
                {
                    streamed.Bound(truncation);
                }

                streamed.Append(new string('x', i % 70));
                long marker = streamed.IsBounded ? ObjectSizer.For<string>().Measure(truncation.Marker).Bytes : 0;
                Assert.Equal(ObjectSizer.For<StreamedText>().Measure(streamed).Bytes, streamed.Bytes + marker);
                Assert.Equal(0, streamed.Bytes % 8);
            }
        }
    }

    [Fact]
    public void Append_Growth_IsWhatIsAllocated()
    {
        char[] piece = new char[700];
        for (int run = 0; run < 2; run++)
        {
            var streamed = new StreamedText();
            for (int i = 0; i < 40; i++)
            {
                long announced = streamed.BytesToAppend(piece.Length);
                long before = GC.GetAllocatedBytesForCurrentThread();
                streamed.Append(piece);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

                // The first run also loads types.
                Assert.True(run == 0 || allocated == announced, $"{allocated} allocated, {announced} announced");
            }
        }
    }

    [Fact]
    public void Bound_AnyTruncation_AllocatesNothing()
    {
        foreach (TextTruncation truncation in Texts.Truncations(100, "…"))
        {
            var texts = new Queue<StreamedText>();
            for (int i = 0; i < 6; i++)
            {
                var streamed = new StreamedText();
                streamed.Append(string.Concat(Enumerable.Repeat(Texts.Family, 2000)));
                texts.Enqueue(streamed);
            }

            Assert.Equal(0, Allocations.Of(() => texts.Dequeue().Bound(truncation)));
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\u0301")]
    [InlineData("\U0001F1E9")]
    [InlineData("\U0001F469\u200D")]
    [InlineData("\u200D\u0301")]
    [InlineData("\u1100")]
    [InlineData("\U000110BD")]
    [InlineData("\uD83D")]
    public void Append_OnAndOn_StaysWithinItsMostAndStopsGrowing(string piece)
    {
        string part = string.Concat(Enumerable.Repeat(piece, 1001));
        foreach (TextTruncation truncation in Texts.Truncations(60, "…"))
        {
            var streamed = new StreamedText();
            streamed.Append("a");
            streamed.Bound(truncation);
            long saturated = 0;
            for (int i = 0; i < 100; i++)
            {
                streamed.Append(part);
                Assert.InRange(streamed.Bytes, StreamedText.EmptyBytes, StreamedText.MostBytes(truncation));
                saturated = i == 20 ? streamed.Bytes : saturated;
            }

            Assert.Equal(saturated, streamed.Bytes);
            Assert.Equal(0, streamed.BytesToAppend(int.MaxValue));
            Assert.Equal(0, Allocations.Of(() => streamed.Append(part)));
            Assert.False(streamed.IsWhole);
            string whole = "a" + string.Concat(Enumerable.Repeat(part, 106));
            Assert.Equal(whole.Length, streamed.Length);
            Assert.Equal(TextTruncator.Truncate(whole, truncation), streamed.ToString());
        }
    }

    [Fact]
    public void Bound_LongText_GivesBackAllButTheEnds()
    {
        foreach (TextTruncation truncation in Texts.Truncations(20, "…"))
        {
            var streamed = new StreamedText();
            streamed.Append(new string('x', 1_000_000));
            Assert.InRange(streamed.Bytes, 2_000_000, 2_100_000);

            streamed.Bound(truncation);

            Assert.InRange(streamed.Bytes, StreamedText.EmptyBytes, StreamedText.MostBytes(truncation));
            Assert.InRange(StreamedText.MostBytes(truncation), 0, 12_000);
        }
    }

    [Fact]
    public void MostBytes_TwoHundredChars_IsAFewKilobytes()
    {
        Assert.InRange(StreamedText.MostBytes(new(200)), 1000, 4000);
        Assert.InRange(StreamedText.MostBytes(new(200, Position: TruncationPosition.Middle)), 2000, 10_000);
    }

    [Fact]
    public void BytesToFinish_AnyText_IsAtLeastWhatIsAllocated()
    {
        foreach (TextTruncation truncation in Texts.Truncations(100, "[some words instead]"))
        {
            foreach (int length in (int[])[0, 40, 150, 5000])
            {
                var streamed = new StreamedText();
                streamed.Append(string.Concat(Enumerable.Repeat("\u4E2D", length)));
                Assert.InRange(Allocations.Of(() => streamed.ToString()), length * 2, streamed.BytesToFinish);

                streamed.Bound(truncation);
                Assert.InRange(Allocations.Of(() => streamed.ToString()), 0, streamed.BytesToFinish);
            }
        }
    }

    [Fact]
    public void Bound_Twice_Throws()
    {
        var streamed = new StreamedText();
        streamed.Bound(new(10));
        Assert.Throws<InvalidOperationException>(() => streamed.Bound(new(10)));
    }
}
