using System.Text.Json;

namespace BoundedMemory;

/// <summary>What a body may say. Undefined where it says nothing.</summary>
internal sealed class AdminArguments
{
    public JsonElement Part { get; init; }

    public JsonElement Bytes { get; init; }
}
