using BoundedMemory.Tests.Support;

namespace BoundedMemory.Hosting.Tests.Documentation;

/// <summary>What the documentation shows compiles and runs.</summary>
public class ExamplesTests
{
    [Fact]
    public void XmlDocumentation_Examples_AreCompiled()
    {
        Dictionary<string, string> examples = CompiledExamples.RequireOfXml("BoundedMemory.Hosting");
        Assert.All(["MemoryPressureLimiter", "WorkerRecycler"], (string headline) => Assert.Contains($"T:BoundedMemory.{headline}", examples.Keys));
    }

    [Fact]
    public void Readme_Examples_AreCompiled() => CompiledExamples.RequireOfReadme("README.md");

    [Fact]
    public async Task Examples_Run() => await Examples.RunAll();
}
