using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Documentation;

/// <summary>What the documentation shows compiles and runs.</summary>
public class ExamplesTests
{
    [Fact]
    public void XmlDocumentation_Examples_AreCompiled()
    {
        Dictionary<string, string> examples = CompiledExamples.RequireOfXml("BoundedMemory");
        string[] headlines =
        [
            "BoundedCache`2", "TtlTier", "Lease`1", "MemoryBudget", "ObjectSizer", "RingBuffer`1", "ConcurrentRingBuffer`1", "JsonLinesArchive`1",
            "DropOldestQueue`1", "BroadcastHub`1", "ConversationWindow`1", "MessageBuilder`1", "SessionStore", "SessionLease",
        ];
        Assert.All(headlines, name => Assert.Contains($"T:BoundedMemory.{name}", examples.Keys));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("BoundedMemory.README.md")]
    public void Readme_Examples_AreCompiled(string file) => CompiledExamples.RequireOfReadme(file);

    [Fact]
    public async Task Examples_Run() => await Examples.RunAll();
}
