using BoundedMemory.Tests.Support;

namespace BoundedMemory.HttpTests.Documentation;

/// <summary>What the documentation shows compiles and runs.</summary>
public class ExamplesTests
{
    [Fact]
    public void XmlDocumentation_Examples_AreCompiled()
    {
        Dictionary<string, string> examples = CompiledExamples.RequireOfXml("BoundedMemory.AspNetCore");
        Assert.All(["HubResults.EventStream", "BoundedMemoryEndpointRouteBuilderExtensions.MapBoundedMemory"], (string name) => Assert.Contains(examples.Keys, key => key.Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public void Readme_Examples_AreCompiled() => CompiledExamples.RequireOfReadme("README.md");

    [Fact]
    public async Task Examples_Run() => await Examples.RunAll();
}
