using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace BoundedMemory;

/// <summary>How the endpoint reads and writes JSON: names in snake case, without reflection.</summary>
/// <remarks>A number that is none is written as a word rather than that there be no answer.</remarks>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    Converters = [typeof(SnakeCaseEnum<AdminScope>), typeof(SnakeCaseEnum<MemoryPressureLevel>), typeof(SnakeCaseEnum<UtilizationTerm>)])]
[JsonSerializable(typeof(AdminReport))]
[JsonSerializable(typeof(AdminOutcome))]
[JsonSerializable(typeof(AdminArguments))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class AdminJson : JsonSerializerContext;

/// <summary>Values of an enumeration in the words that metrics use.</summary>
internal sealed class SnakeCaseEnum<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.SnakeCaseLower)
    where TEnum : struct, Enum;
