using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BoundedMemory.Tests.Support;

/// <summary>What the documentation shows compiles: every example is, line by line, part of an <c>Examples*.cs</c> beside the tests, which is compiled.</summary>
internal static partial class CompiledExamples
{
    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Documentation");

    /// <summary>The examples of an assembly's XML documentation, by member; each is required.</summary>
    public static Dictionary<string, string> RequireOfXml(string assembly)
    {
        var documentation = XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{assembly}.xml"));
        var examples = documentation.Descendants("example").ToDictionary(e => (string)e.Parent!.Attribute("name")!, e => e.Element("code")!.Value);
        Assert.All(examples, e => Require(e.Key, e.Value));
        return examples;
    }

    /// <summary>Requires each block of C# of a README in the folder; there must be some.</summary>
    public static void RequireOfReadme(string file)
    {
        MatchCollection blocks = CodeBlock().Matches(File.ReadAllText(Path.Combine(Folder, file)).ReplaceLineEndings("\n"));
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Require(file, block.Groups[1].Value));
    }

    private static void Require(string where, string code)
    {
        string[] compiled = [.. Directory.GetFiles(Folder, "Examples*.cs").Where(file => !file.EndsWith("Tests.cs", StringComparison.Ordinal)).SelectMany(file => Lines(File.ReadAllText(file)))];
        string[] shown = [.. Lines(code).Where(line => !line.StartsWith("//", StringComparison.Ordinal))];
        bool isThere = Enumerable.Range(0, Math.Max(0, compiled.Length - shown.Length + 1)).Any(at => shown.AsSpan().SequenceEqual(compiled.AsSpan(at, shown.Length)));
        Assert.True(isThere, $"The example of {where} is not in Examples.cs:\n{string.Join('\n', shown)}");
    }

    /// <summary>Without indentation, empty lines and comments at the end of a line.</summary>
    private static string[] Lines(string code) =>
        [.. code.ReplaceLineEndings("\n").Split('\n').Select(line => Comment().Replace(line, "").Trim()).Where(line => line.Length > 0)];

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("(?<=[;{}]) *//.*$")]
    private static partial Regex Comment();
}
