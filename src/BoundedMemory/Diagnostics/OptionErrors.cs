using System.Globalization;
using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>One thing that is wrong with options: which, what its value is, what would be legal.</summary>
internal readonly record struct OptionError(string Option, object? Value, string Complaint)
{
    public string Message => string.Create(CultureInfo.InvariantCulture, $"{Option} {Complaint}; it is {Value ?? "null"}.");

    /// <summary>Whether the value is out of a range, rather than missing or in contradiction to another.</summary>
    public bool IsRange { get; init; }
}

/// <summary>Finds errors in options; the same ones whether options are validated at start or given to a constructor.</summary>
internal static class OptionErrors
{
    public static IEnumerable<OptionError> Range<T>(string option, T? value, T least, T most)
        where T : struct, IComparable<T>
    {
        if (value is { } given && (given.CompareTo(least) < 0 || given.CompareTo(most) > 0))
        {
            string range = string.Create(CultureInfo.InvariantCulture, $"must be from {least} to {most}");
            yield return new OptionError(option, given, range) { IsRange = true };
        }
    }

    public static IEnumerable<OptionError> Defined<T>(string option, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            yield return new OptionError(option, value, $"must be one of {string.Join(", ", Enum.GetNames<T>())}") { IsRange = true };
        }
    }

    public static IEnumerable<OptionError> When(bool isWrong, string option, object? value, string complaint)
    {
        if (isWrong)
        {
            yield return new OptionError(option, value, complaint);
        }
    }

    /// <summary>Names are part of metrics and of a budget's path, whose parts '/' separates.</summary>
    public static IEnumerable<OptionError> Name(string? name) => When(
        string.IsNullOrWhiteSpace(name) || name.Contains('/', StringComparison.Ordinal), nameof(Name), name, "must not be empty nor contain '/'");

    public static IEnumerable<OptionError> Required(string option, object? value) => When(value is null, option, null, "must be set");

    /// <summary>All errors, as the validation of options tells them.</summary>
    /// <param name="subject">What has these options: its kind and name.</param>
    /// <param name="errors">What is wrong with them.</param>
    public static ValidateOptionsResult ToResult(string subject, IEnumerable<OptionError> errors)
    {
        string[] messages = [.. errors.Select(error => $"{subject}: {error.Message}")];
        return messages.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(messages);
    }

    /// <summary>Throws for the first error, as the BCL does: <see cref="ArgumentOutOfRangeException"/> for a range, else <see cref="ArgumentException"/>.</summary>
    public static void ThrowFirst(IEnumerable<OptionError> errors)
    {
        foreach (OptionError error in errors)
        {
            throw error.IsRange
                ? new ArgumentOutOfRangeException(error.Option, error.Value, error.Message)
                : new ArgumentException(error.Message, error.Option);
        }
    }
}
