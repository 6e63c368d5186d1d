using BoundedMemory.Tests.Support;

namespace BoundedMemory.AI.Tests.Documentation;

/// <summary>What the documentation shows compiles and runs.</summary>
public class ExamplesTests
{
    [Fact]
    public void XmlDocumentation_Examples_AreCompiled()
    {
        Dictionary<string, string> examples = CompiledExamples.RequireOfXml("BoundedMemory.AI");
        Assert.All(["BoundedChatClient", "ChatMessageAdapter", "ConversationWindowChatReducer"], (string name) => Assert.Contains($"T:BoundedMemory.{name}", examples.Keys));
    }

    [Fact]
    public void Readme_Examples_AreCompiled() => CompiledExamples.RequireOfReadme("README.md");

    [Fact]
    public async Task Examples_Run() => await Examples.RunAll();
}
