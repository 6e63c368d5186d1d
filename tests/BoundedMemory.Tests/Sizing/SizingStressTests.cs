using BoundedMemory.Tests.Support;
namespace BoundedMemory.Tests.Sizing;

/// <summary>Walks beside collections, allocations and changes, in every mode of the collector; the scenario checks every result.</summary>
public class SizingStressTests
{
    [Theory]
    [InlineData("DOTNET_gcServer=0", "DOTNET_gcConcurrent=1")]
    [InlineData("DOTNET_gcServer=0", "DOTNET_gcConcurrent=0")]
    [InlineData("DOTNET_gcServer=1", "DOTNET_gcConcurrent=1")]
    [InlineData("DOTNET_GCgen0size=40000", "DOTNET_gcConcurrent=1")]
    public async Task Measure_WhileOthersCollectAndMutate_NeverCrashesNorUnderCounts(params string[] settings)
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("sizing-stress 1200", [.. settings.Select(setting => (setting.Split('=')[0], setting.Split('=')[1]))]);

        Assert.Contains(";under=0;", output, StringComparison.Ordinal);
        Assert.Contains(";falselyExact=0;", output, StringComparison.Ordinal);
        Assert.Contains(settings.Contains("DOTNET_gcServer=1") ? ";server=True;" : ";server=False;", output, StringComparison.Ordinal);
        Assert.True(exitCode == 0, output);
    }
}
