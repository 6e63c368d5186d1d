using BoundedMemory.Monitor.CommandLine;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Monitor.Tests.CommandLine;

public class ByteSizeTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("4096", 4096)]
    [InlineData("4096B", 4096)]
    [InlineData("64k", 65_536)]
    [InlineData("64 KB", 65_536)]
    [InlineData("500MB", 524_288_000)]
    [InlineData(" 500 mib ", 524_288_000)]
    [InlineData("1.5GB", 1_610_612_736)]
    [InlineData(".5K", 512)]
    [InlineData("3GiB", 3_221_225_472)]
    [InlineData("1024TB", 1_125_899_906_842_624)]
    public void TryParse_NumberAndUnit_IsThatManyBytes(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out ByteSize size));
        Assert.Equal(bytes, size.Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("12XB")]
    [InlineData("12MBB")]
    [InlineData("12ib")]
    [InlineData("12iB")]
    [InlineData("0")]
    [InlineData("0.5")]
    [InlineData("-5MB")]
    [InlineData("+5MB")]
    [InlineData("1e3")]
    [InlineData("1,5GB")]
    [InlineData("1.2.3")]
    [InlineData("1025TB")]
    [InlineData("99999999999999999999999999999999999999")]
    [InlineData("79228162514264337593543950335TB")]
    [InlineData("５00")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Fact]
    public void ToString_AnySize_IsReadAsTheSame()
    {
        Gen<long> sizes = from number in Gen.Choose(1, 1_000_000) from power in Gen.Choose(0, 3) select (long)number << (10 * power);
        Check.One(Stress.Config(), Prop.ForAll(sizes.ToArbitrary(), bytes =>
        {
            Assert.True(ByteSize.TryParse(new ByteSize(bytes).ToString(), out ByteSize size));
            Assert.Equal(bytes, size.Bytes);
        }));
    }

    [Theory]
    [InlineData(0, "0.0 MB")]
    [InlineData(62_180_557, "59.3 MB")]
    [InlineData(1_073_741_823, "1024.0 MB")]
    [InlineData(1_073_741_824, "1.0 GB")]
    [InlineData(1L << 41, "2.0 TB")]
    public void Format_Bytes_IsShort(long bytes, string text) => Assert.Equal(text, ByteSize.Format(bytes));
}
